package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.http.ProblemType.ARCHIVE_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.BATCH_ENDED;
import static dev.rowmill.rest.http.ProblemType.DEFINITION_CHANGED;
import static dev.rowmill.rest.http.ProblemType.DEPENDENCY_FAILED;
import static dev.rowmill.rest.http.ProblemType.DURATION_SPENT;
import static dev.rowmill.rest.http.ProblemType.EXPORT_TARGET;
import static dev.rowmill.rest.http.ProblemType.FORBIDDEN;
import static dev.rowmill.rest.http.ProblemType.ILLEGAL_TRANSITION;
import static dev.rowmill.rest.http.ProblemType.INTERNAL_ERROR;
import static dev.rowmill.rest.http.ProblemType.INVALID_CHAIN;
import static dev.rowmill.rest.http.ProblemType.INVALID_REQUEST;
import static dev.rowmill.rest.http.ProblemType.NAME_TAKEN;
import static dev.rowmill.rest.http.ProblemType.NOTHING_TO_UNDO;
import static dev.rowmill.rest.http.ProblemType.NOT_RESTORABLE;
import static dev.rowmill.rest.http.ProblemType.NOT_RETRYABLE;
import static dev.rowmill.rest.http.ProblemType.NOT_SCHEDULED;
import static dev.rowmill.rest.http.ProblemType.NOT_UNDOABLE;
import static dev.rowmill.rest.http.ProblemType.NO_USABLE_KEY;
import static dev.rowmill.rest.http.ProblemType.OWN_APPROVAL;
import static dev.rowmill.rest.http.ProblemType.PARAMETER_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.PLAN_DRIFT;
import static dev.rowmill.rest.http.ProblemType.PLAN_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.PROJECT_BUSY;
import static dev.rowmill.rest.http.ProblemType.SKIPPED_NOT_RETRYABLE;
import static dev.rowmill.rest.http.ProblemType.TASK_NOT_ALLOWED;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ROWS;
import static dev.rowmill.rest.http.ProblemType.UNDO_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.UNDO_TABLE_CHANGED;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_BATCH;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_PLAN;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TABLE;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_UPLOAD;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UPLOAD_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.UPLOAD_REJECTED;

import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives an example of each problem. Stateless. */
final class ProblemExamples {

  private final ProblemTexts texts;

  ProblemExamples(ProblemTexts texts) {
    this.texts = texts;
  }

  /** Returns a problem document. */
  Map<String, Object> of(ProblemType type) {
    Map<String, Object> members =
        switch (type) {
          case INVALID_REQUEST ->
              members(
                  "violations",
                  List.of(Problems.violation("chunk.rows", "must be from 10 to 100000")));
          case ILLEGAL_TRANSITION ->
              members("from", "succeeded", "to", "paused", "allowed", List.of());
          case NOT_RESTORABLE -> members("batch", 42, "status", "running");
          case NOT_UNDOABLE -> members("batch", 42, "status", "running", "reason", "active");
          case NOTHING_TO_UNDO -> members("chain", 7);
          case DEPENDENCY_FAILED -> members("batch", 41, "batchStatus", "failed");
          case INVALID_CHAIN ->
              members(
                  "violations",
                  List.of(
                      Problems.violation(
                          "steps.archive", "unknown-table: Unknown table or column.")));
          case UNKNOWN_BATCH -> members("batch", 41);
          case NOT_RETRYABLE ->
              members("batch", 42, "status", "failed", "reason", "undone-in-part");
          case SKIPPED_NOT_RETRYABLE ->
              members(
                  "batch",
                  42,
                  "status",
                  "running",
                  "reasons",
                  List.of("The batch is active. Wait until it has ended."));
          case DEFINITION_CHANGED ->
              members(
                  "batch",
                  42,
                  "differences",
                  List.of(
                      members(
                          "what", "column price of shop.item",
                          "before", "decimal(10,2)",
                          "after", "decimal(12,2)")));
          case DURATION_SPENT ->
              members("batch", 42, "ranMillis", 60012, "maxDurationMillis", 60000);
          case UNDO_EXPIRED -> members("batch", 42, "expiredAt", "2026-01-15T00:00:00Z");
          case UNDO_TABLE_CHANGED -> members("table", "shop.item", "column", "price");
          case BATCH_ENDED -> members("status", "succeeded");
          case NOT_SCHEDULED -> members("status", "running");
          case PROJECT_BUSY ->
              members(
                  "batch", 42, "progress", members("rowsTotal", 1000000, "rowsScanned", 250000));
          case PLAN_DRIFT ->
              members(
                  "differences",
                  List.of(
                      members(
                          "what", "column price of shop.item",
                          "before", "decimal(10,2)",
                          "after", "decimal(12,2)")));
          case FORBIDDEN -> members("role", "author");
          case NAME_TAKEN -> members("name", "nightly");
          case PLAN_EXPIRED -> members("expiredAt", "2026-01-01T12:00:00Z");
          case UNKNOWN_PLAN -> members("plan", "0123456789abcdef0123456789abcdef");
          case OWN_APPROVAL -> members("authors", List.of("alice", "bob"));
          case TOO_MANY_ROWS -> members("planned", 250000, "maxRows", 100000, "exact", true);
          case UNKNOWN_STATEMENT -> members("statement", "raise-prices");
          case UNKNOWN_UPLOAD -> members("upload", "u_9");
          case UPLOAD_MISMATCH ->
              members(
                  "upload",
                  "u_9",
                  "reasons",
                  List.of("Leave one line for each key: these lines have the same: 2 = 17."));
          case UPLOAD_REJECTED ->
              members(
                  "upload",
                  "u_9",
                  "errors",
                  1,
                  "firstErrors",
                  List.of(
                      members(
                          "line",
                          17,
                          "message",
                          "column price: \"1.005\" has more than 2 digits after the point")));
          case ARCHIVE_IMPOSSIBLE ->
              members(
                  "reasons",
                  List.of("Add the column note (varchar(20) utf8mb4) to archive.order."));
          case UNSUPPORTED_STATEMENT -> members("reasons", List.of("Leave out LIMIT."));
          case TASK_NOT_ALLOWED ->
              members(
                  "task",
                  "geocode",
                  "reasons",
                  List.of("List the task's host in rowmill.tasks.hosts."));
          case EXPORT_TARGET ->
              members("reasons", List.of("Set rowmill.export.directory, or export to a bucket."));
          case UNKNOWN_TABLE, NO_USABLE_KEY -> members("table", "shop.item");
          case PARAMETER_MISMATCH -> members("missing", List.of("factor"), "unused", List.of());
          case UNKNOWN_TASK -> members("task", "geocode", "known", List.of("archive"));
          case CHUNK_FAILED ->
              members(
                  "message", "Out of range value for column 'price'",
                  "errorCode", 1264,
                  "sqlState", "22003");
          case INTERNAL_ERROR -> members("id", "3f1d1bb0-6a3c-4f5e-9d0c-2f6d2b0e8a11");
          default -> Map.of();
        };
    return new Problems(texts)
        .document(type.code(), members, List.of(), "/api/v1/projects/p1/batches", Language.ENGLISH);
  }

  /** Returns members in the given order. */
  private static Map<String, Object> members(Object... namesAndValues) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }
}
