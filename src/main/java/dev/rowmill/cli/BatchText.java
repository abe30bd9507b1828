package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Formats batches for a terminal. Stateless. */
final class BatchText {

  private static final int LONGEST_TITLE = 60;

  private static final List<String> COLUMNS =
      List.of("ID", "PROJECT", "STATUS", "DONE", "ROWS CHANGED", "CREATED", "CHANGE");

  private BatchText() {}

  /** Returns a table with a line for each batch. */
  static String list(JsonNode batches) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(COLUMNS);
    for (JsonNode batch : batches) {
      JsonNode percent = batch.path("progress").path("percent");
      rows.add(
          List.of(
              batch.path("id").asText(),
              batch.path("project").asText(),
              status(batch),
              percent.isNumber() ? percent.asText() + " %" : "",
              number(batch.path("progress").path("rowsChanged")),
              batch.path("createdAt").asText(),
              shortened(title(batch))));
    }
    return TextTable.of(rows);
  }

  /** Returns all that matters about one batch, a line for each. */
  static String details(JsonNode batch) {
    JsonNode progress = batch.path("progress");
    StringBuilder text = new StringBuilder();
    line(text, "batch", batch.path("id").asText());
    line(text, "project", batch.path("project").asText());
    line(text, "status", status(batch));
    if (needsApproval(batch)) {
      JsonNode approval = batch.path("approval");
      line(
          text,
          "approval",
          "needed: "
              + number(approval.path("plannedRows"))
              + " rows planned ("
              + approval.path("reason").asText()
              + ")");
    }
    line(text, "change", title(batch));
    line(text, "reason", batch.path("reason").asText(""));
    line(text, "progress", ProgressBar.line(ProgressBar.Reading.of(progress)).strip());
    line(text, "changed", number(progress.path("rowsChanged")) + " rows");
    if (batch.path("skipped").asLong() > 0) {
      line(text, "skipped", number(batch.path("skipped")) + " rows");
    }
    line(text, "created", batch.path("createdAt").asText());
    line(text, "started", batch.path("startedAt").asText(""));
    line(text, "finished", batch.path("finishedAt").asText(""));
    if (batch.path("throttle").isObject()) {
      line(
          text,
          "held by",
          batch.path("throttle").path("reason").asText()
              + ": "
              + batch.path("throttle").path("detail").asText());
    }
    for (Map.Entry<String, JsonNode> label : batch.path("labels").properties()) {
      line(text, "label", label.getKey() + "=" + label.getValue().asText());
    }
    if (batch.path("error").isObject()) {
      line(text, "error", error(batch));
    }
    return text.toString();
  }

  /** Returns in one line how a batch has ended or where it is. */
  static String summary(JsonNode batch) {
    String text =
        "Batch "
            + batch.path("id").asText()
            + " of "
            + batch.path("project").asText()
            + " is "
            + status(batch);
    if (needsApproval(batch)) {
      return text + " for an approval.";
    }
    JsonNode progress = batch.path("progress");
    text += ": " + number(progress.path("rowsChanged")) + " rows changed";
    if (batch.path("skipped").asLong() > 0) {
      text += ", " + number(batch.path("skipped")) + " skipped";
    }
    text += batch.path("error").isObject() ? ". " + error(batch) : ".";
    return text;
  }

  static boolean needsApproval(JsonNode batch) {
    return batch.path("approval").path("needed").asBoolean(false)
        && batch.path("status").asText().equals("waiting");
  }

  /** Returns what a batch does: its statement, its task, or the batch that it undoes. */
  private static String title(JsonNode batch) {
    if (batch.hasNonNull("undoes")) {
      return "undo of batch " + batch.path("undoes").asText();
    }
    for (String member : List.of("sql", "statement", "task")) {
      if (batch.hasNonNull(member)) {
        return batch.path(member).asText().strip().replaceAll("\\s+", " ");
      }
    }
    return batch.path("kind").asText();
  }

  private static String status(JsonNode batch) {
    return batch.hasNonNull("pending")
        ? batch.path("status").asText() + " (" + batch.path("pending").asText() + ")"
        : batch.path("status").asText();
  }

  private static String error(JsonNode batch) {
    JsonNode error = batch.path("error");
    return error.path("title").asText()
        + (error.hasNonNull("detail") ? ": " + error.path("detail").asText() : "");
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty() && !value.equals("null")) {
      text.append(String.format(Locale.ROOT, "%-10s %s%n", name, value));
    }
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_TITLE ? text : text.substring(0, LONGEST_TITLE - 1) + "…";
  }

  static String number(JsonNode value) {
    return String.format(Locale.ROOT, "%,d", value.asLong());
  }
}
