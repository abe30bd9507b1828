package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Formats plans for a terminal. Stateless. */
final class PlanText {

  private static final int ROWS = 5;

  private PlanText() {}

  static String details(JsonNode plan) {
    StringBuilder text = new StringBuilder();
    line(text, "plan", plan.path("id").asText());
    line(text, "project", plan.path("project").asText());
    line(text, "expires", plan.path("expiresAt").asText());
    if (plan.path("statement").isObject()) {
      line(text, "statement", plan.path("statement").path("sql").asText().strip());
    }
    if (plan.path("key").isObject()) {
      line(text, "key", plan.path("key").path("name").asText());
    }
    count(text, "to scan", plan.path("rowsTotal"));
    count(text, "to change", plan.path("rowsMatching"));
    if (plan.path("chunks").isNumber()) {
      line(text, "chunks", BatchText.number(plan.path("chunks")));
    }
    if (plan.path("estimatedMillis").isNumber()) {
      line(
          text,
          "duration",
          "about " + ProgressBar.duration(plan.path("estimatedMillis").asLong() / 1000));
    }
    for (JsonNode warning : plan.path("warnings")) {
      line(text, "warning", warning.path("message").asText());
    }
    sample(text, plan.path("sample"));
    return text.toString();
  }

  private static void sample(StringBuilder text, JsonNode sample) {
    int shown = 0;
    for (JsonNode row : sample) {
      if (shown++ == ROWS) {
        break;
      }
      line(text, "row", changes(row.path("before"), row.path("after")));
    }
  }

  /** Returns the values of a row: unchanged ones once, changed ones before and after. */
  private static String changes(JsonNode before, JsonNode after) {
    Set<String> columns = new TreeSet<>();
    List<String> names = new ArrayList<>();
    for (JsonNode side : List.of(before, after)) {
      for (Map.Entry<String, JsonNode> value : side.properties()) {
        if (columns.add(value.getKey())) {
          names.add(value.getKey());
        }
      }
    }
    List<String> values = new ArrayList<>();
    for (String name : names) {
      String old = before.path(name).asText("–");
      String now = after.path(name).asText("–");
      values.add(name + "=" + (old.equals(now) ? old : old + " → " + now));
    }
    return String.join("  ", values);
  }

  private static void count(StringBuilder text, String name, JsonNode count) {
    if (count.isObject()) {
      String about = count.path("precision").asText().equals("estimate") ? "about " : "";
      line(text, name, about + BatchText.number(count.path("rows")) + " rows");
    }
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-10s %s%n", name, value));
  }
}
