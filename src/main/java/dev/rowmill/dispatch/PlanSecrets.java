package dev.rowmill.dispatch;

import dev.rowmill.batch.SecretValues;
import dev.rowmill.task.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Masks secret values in a plan. Stateless. */
final class PlanSecrets {

  private PlanSecrets() {}

  static Plan without(SecretValues secrets, Plan plan) {
    if (secrets.isEmpty()) {
      return plan;
    }
    List<@Nullable Object> values = new ArrayList<>();
    plan.values().forEach(value -> values.add(secrets.value(value)));
    return new Plan(
        secrets.statement(plan.statement()),
        values,
        plan.key(),
        plan.first(),
        plan.last(),
        plan.rows(),
        plan.matching(),
        plan.walked(),
        plan.chunks(),
        plan.explain().stream().map(row -> shown(secrets, row)).toList(),
        plan.warnings().stream().map(warning -> shown(secrets, warning)).toList(),
        plan.sample().stream()
            .map(
                row ->
                    new Plan.Row(
                        row.before() == null ? null : shown(secrets, row.before()),
                        row.after() == null ? null : shown(secrets, row.after())))
            .toList(),
        plan.rowBytes(),
        plan.sizeKey(),
        plan.basis(),
        plan.lines());
  }

  private static Map<String, @Nullable Object> shown(
      SecretValues secrets, Map<String, @Nullable Object> row) {
    Map<String, @Nullable Object> shown = new LinkedHashMap<>();
    row.forEach((name, value) -> shown.put(name, secrets.value(value)));
    return shown;
  }

  private static Plan.Warning shown(SecretValues secrets, Plan.Warning warning) {
    return new Plan.Warning(
        warning.code(),
        warning.arguments().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    it ->
                        it.getKey().equals("message")
                            ? secrets.message(it.getValue())
                            : secrets.text(it.getValue()))));
  }
}
