package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.PlanView;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Plan;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shows plans. Safe for many threads. */
@ApplicationScoped
public class PlanBodies {

  private final ProblemTexts texts;

  PlanBodies(ProblemTexts texts) {
    this.texts = texts;
  }

  /** Returns a plan as callers see it. */
  public PlanBody body(PlanView view, Language language) {
    PlanView.Result result = view.result();
    Plan plan = result.plan();
    return new PlanBody(
        view.id(),
        view.spec().project(),
        view.spec().work().kind().text(),
        view.createdAt(),
        view.expiresAt(),
        result.fingerprint(),
        plan == null ? null : new PlanBody.StatementBody(plan.statement(), plan.values()),
        plan == null ? null : key(plan.key(), language),
        plan == null ? null : new PlanBody.RangesBody(range(plan.first()), range(plan.last())),
        plan == null ? null : count(plan.rows()),
        plan == null ? null : count(plan.matching()),
        plan == null ? null : Long.valueOf(plan.chunks()),
        result.estimatedMillis(),
        plan == null ? null : plan.explain(),
        warnings(result, language),
        plan == null
            ? null
            : plan.sample().stream()
                .map(row -> new PlanBody.RowBody(row.before(), row.after()))
                .toList(),
        undo(result.undo(), language),
        plan == null ? null : PlanBody.LinesBody.of(plan.lines()));
  }

  private PlanBody.@Nullable KeyBody key(Plan.@Nullable Key key, Language language) {
    return key == null
        ? null
        : new PlanBody.KeyBody(key.name(), key.columns(), texts.plan(key.why(), language));
  }

  private static PlanBody.CountBody count(Plan.Count count) {
    return new PlanBody.CountBody(count.rows(), count.exact() ? "exact" : "estimate");
  }

  private static PlanBody.@Nullable RangeBody range(@Nullable Chunk chunk) {
    if (chunk == null) {
      return null;
    }
    String after = chunk.after();
    return new PlanBody.RangeBody(
        after == null ? null : BatchBodies.json(after), BatchBodies.json(chunk.upTo()));
  }

  private List<PlanBody.WarningBody> warnings(PlanView.Result result, Language language) {
    List<Plan.Warning> all =
        new ArrayList<>(result.plan() == null ? List.of() : result.plan().warnings());
    PlanView.Undo undo = result.undo();
    if (undo != null && !undo.available()) {
      all.add(
          Plan.Warning.of(
              "no-undo",
              "reasons",
              undo.reasons().stream()
                  .map(reason -> texts.reason(reason, language))
                  .collect(Collectors.joining(" "))));
    } else if (undo != null && undo.bytes() > undo.roomBytes()) {
      all.add(Plan.Warning.of("no-room-for-undo", "bytes", Long.toString(undo.roomBytes())));
    }
    return all.stream()
        .map(
            warning ->
                new PlanBody.WarningBody(warning.code(), texts.plan(warning, language).strip()))
        .toList();
  }

  private PlanBody.@Nullable UndoBody undo(PlanView.@Nullable Undo undo, Language language) {
    return undo == null
        ? null
        : new PlanBody.UndoBody(
            undo.available(),
            undo.reasons().stream().map(reason -> texts.reason(reason, language)).toList(),
            undo.rows(),
            undo.bytes(),
            undo.bytes() <= undo.roomBytes(),
            undo.roomBytes());
  }
}
