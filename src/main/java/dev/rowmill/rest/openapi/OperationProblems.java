package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.http.ProblemType.ARCHIVE_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.BATCH_ENDED;
import static dev.rowmill.rest.http.ProblemType.BODY_TOO_LARGE;
import static dev.rowmill.rest.http.ProblemType.CHANGES_UNAVAILABLE;
import static dev.rowmill.rest.http.ProblemType.CSRF;
import static dev.rowmill.rest.http.ProblemType.DATABASE_UNAVAILABLE;
import static dev.rowmill.rest.http.ProblemType.DEFINITION_CHANGED;
import static dev.rowmill.rest.http.ProblemType.DEPENDENCY_FAILED;
import static dev.rowmill.rest.http.ProblemType.DURATION_SPENT;
import static dev.rowmill.rest.http.ProblemType.EXPORT_TARGET;
import static dev.rowmill.rest.http.ProblemType.FORBIDDEN;
import static dev.rowmill.rest.http.ProblemType.IDEMPOTENCY_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.ILLEGAL_TRANSITION;
import static dev.rowmill.rest.http.ProblemType.INTERNAL_ERROR;
import static dev.rowmill.rest.http.ProblemType.INVALID_CHAIN;
import static dev.rowmill.rest.http.ProblemType.INVALID_REQUEST;
import static dev.rowmill.rest.http.ProblemType.LAST_ADMIN;
import static dev.rowmill.rest.http.ProblemType.LEASE_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.NAME_TAKEN;
import static dev.rowmill.rest.http.ProblemType.NOTHING_TO_UNDO;
import static dev.rowmill.rest.http.ProblemType.NOT_FOUND;
import static dev.rowmill.rest.http.ProblemType.NOT_RESTORABLE;
import static dev.rowmill.rest.http.ProblemType.NOT_RETRYABLE;
import static dev.rowmill.rest.http.ProblemType.NOT_SCHEDULED;
import static dev.rowmill.rest.http.ProblemType.NOT_UNDOABLE;
import static dev.rowmill.rest.http.ProblemType.NO_USABLE_KEY;
import static dev.rowmill.rest.http.ProblemType.OWN_APPROVAL;
import static dev.rowmill.rest.http.ProblemType.PARAMETER_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.PLAN_DRIFT;
import static dev.rowmill.rest.http.ProblemType.PLAN_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.POOL_FULL;
import static dev.rowmill.rest.http.ProblemType.PROJECT_BUSY;
import static dev.rowmill.rest.http.ProblemType.SCHEDULE_CHANGED;
import static dev.rowmill.rest.http.ProblemType.SHUTTING_DOWN;
import static dev.rowmill.rest.http.ProblemType.SKIPPED_NOT_RETRYABLE;
import static dev.rowmill.rest.http.ProblemType.SKIP_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.TASK_NOT_ALLOWED;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ATTEMPTS;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_ROWS;
import static dev.rowmill.rest.http.ProblemType.TOO_MANY_UPLOADS;
import static dev.rowmill.rest.http.ProblemType.UNAUTHORIZED;
import static dev.rowmill.rest.http.ProblemType.UNDO_EXPIRED;
import static dev.rowmill.rest.http.ProblemType.UNDO_IMPOSSIBLE;
import static dev.rowmill.rest.http.ProblemType.UNDO_TABLE_CHANGED;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_BATCH;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_PLAN;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TABLE;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_TASK;
import static dev.rowmill.rest.http.ProblemType.UNKNOWN_UPLOAD;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_MEDIA_TYPE;
import static dev.rowmill.rest.http.ProblemType.UNSUPPORTED_STATEMENT;
import static dev.rowmill.rest.http.ProblemType.UPLOAD_MISMATCH;
import static dev.rowmill.rest.http.ProblemType.UPLOAD_REJECTED;
import static dev.rowmill.rest.http.ProblemType.WHOLE_TABLE;

import dev.rowmill.rest.http.ProblemType;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem.HttpMethod;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** Lists the problems that an operation may respond. Stateless. */
final class OperationProblems {

  private static final List<ProblemType> EVERYWHERE =
      List.of(
          UNAUTHORIZED, FORBIDDEN, CSRF, TOO_MANY_ATTEMPTS, INTERNAL_ERROR, DATABASE_UNAVAILABLE);

  /** Lists the problems of a statement that is checked, planned or started. */
  private static final Set<ProblemType> CHECK =
      EnumSet.of(
          UNSUPPORTED_STATEMENT, WHOLE_TABLE, UNKNOWN_TABLE, NO_USABLE_KEY, PARAMETER_MISMATCH);

  /** Lists the problems of an archive, an export or an upload that is planned or started. */
  private static final Set<ProblemType> WORK =
      EnumSet.of(
          ARCHIVE_IMPOSSIBLE, EXPORT_TARGET, NOT_RESTORABLE, UNKNOWN_UPLOAD, UPLOAD_MISMATCH);

  /**
   * Lists the problems of a request to retry a batch or a chain, apart from those of {@link
   * #CHECK}.
   */
  private static final Set<ProblemType> RETRY =
      EnumSet.of(
          POOL_FULL,
          SHUTTING_DOWN,
          ILLEGAL_TRANSITION,
          DEPENDENCY_FAILED,
          NOT_RETRYABLE,
          DEFINITION_CHANGED,
          DURATION_SPENT,
          UNKNOWN_TASK,
          SKIP_IMPOSSIBLE,
          UNDO_IMPOSSIBLE);

  /** Lists the problems of a request to start a batch in a project. */
  private static final Set<ProblemType> LAUNCH =
      EnumSet.of(
          PROJECT_BUSY,
          IDEMPOTENCY_MISMATCH,
          DEPENDENCY_FAILED,
          UNKNOWN_BATCH,
          POOL_FULL,
          SHUTTING_DOWN);

  private OperationProblems() {}

  /** Returns the problems of an operation in the order of their declaration. */
  static Set<ProblemType> of(String path, HttpMethod method, Operation operation) {
    List<Parameter> parameters = Objects.requireNonNullElse(operation.getParameters(), List.of());
    Set<ProblemType> problems = EnumSet.copyOf(EVERYWHERE);
    if (operation.getRequestBody() != null) {
      problems.addAll(List.of(INVALID_REQUEST, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE));
    }
    if (parameters.stream().anyMatch(OperationProblems::isChecked)) {
      problems.add(INVALID_REQUEST);
    }
    if (path.contains("{id}")
        || path.contains("{name}/")
        || (path.endsWith("}") && method != HttpMethod.PUT)) {
      problems.add(NOT_FOUND);
    }
    switch (operation.getOperationId()) {
      case "startBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(LAUNCH);
        problems.addAll(
            EnumSet.of(
                TOO_MANY_ROWS, UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, SKIP_IMPOSSIBLE));
        problems.addAll(EnumSet.of(PLAN_DRIFT, PLAN_EXPIRED, UNDO_IMPOSSIBLE, UNKNOWN_PLAN));
      }
      case "startChain" ->
          problems.addAll(
              EnumSet.of(INVALID_CHAIN, IDEMPOTENCY_MISMATCH, POOL_FULL, SHUTTING_DOWN));
      case "planChain" -> problems.add(INVALID_CHAIN);
      case "startExport" -> {
        problems.addAll(CHECK);
        problems.addAll(LAUNCH);
        problems.addAll(EnumSet.of(TOO_MANY_ROWS, EXPORT_TARGET));
      }
      case "undoBatch" -> {
        problems.addAll(LAUNCH);
        problems.addAll(EnumSet.of(NOT_UNDOABLE, UNDO_EXPIRED));
        // Its body may have any media type.
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "restoreBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(LAUNCH);
        problems.addAll(
            EnumSet.of(
                ARCHIVE_IMPOSSIBLE, EXPORT_TARGET, NOT_RESTORABLE, TOO_MANY_ROWS, UNDO_IMPOSSIBLE));
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "undoChain" -> {
        problems.addAll(EnumSet.of(ILLEGAL_TRANSITION, NOT_UNDOABLE, NOTHING_TO_UNDO));
        problems.addAll(EnumSet.of(UNDO_EXPIRED, IDEMPOTENCY_MISMATCH, POOL_FULL, SHUTTING_DOWN));
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "downloadChanges" ->
          problems.addAll(EnumSet.of(CHANGES_UNAVAILABLE, UNDO_EXPIRED, UNDO_TABLE_CHANGED));
      case "retryBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(RETRY);
        problems.addAll(EnumSet.of(PROJECT_BUSY, NOT_UNDOABLE, UNDO_EXPIRED, UNKNOWN_STATEMENT));
        problems.add(SKIPPED_NOT_RETRYABLE);
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "retrySkippedRows" -> {
        problems.addAll(CHECK);
        problems.addAll(EnumSet.of(PROJECT_BUSY, IDEMPOTENCY_MISMATCH, POOL_FULL, SHUTTING_DOWN));
        problems.addAll(EnumSet.of(SKIPPED_NOT_RETRYABLE, TOO_MANY_ROWS, UNKNOWN_STATEMENT));
        problems.addAll(EnumSet.of(SKIP_IMPOSSIBLE, UNDO_IMPOSSIBLE));
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "retryChain" -> {
        problems.addAll(CHECK);
        problems.addAll(RETRY);
        problems.addAll(EnumSet.of(NOT_UNDOABLE, UNDO_EXPIRED));
      }
      case "planBatch" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(
            EnumSet.of(
                TOO_MANY_ROWS, UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, SKIP_IMPOSSIBLE));
      }
      case "uploadFile" -> {
        problems.addAll(EnumSet.of(UNKNOWN_TABLE, UPLOAD_REJECTED, TOO_MANY_UPLOADS, NOT_FOUND));
        // Its body may have any media type.
        problems.remove(UNSUPPORTED_MEDIA_TYPE);
      }
      case "saveStatement" -> problems.addAll(CHECK);
      case "saveSchedule" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(
            EnumSet.of(
                UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, UNDO_IMPOSSIBLE, NOT_FOUND));
      }
      case "saveRetention" -> {
        problems.addAll(CHECK);
        problems.addAll(EnumSet.of(UNDO_IMPOSSIBLE, SKIP_IMPOSSIBLE, NOT_FOUND));
      }
      case "runSchedule" -> {
        problems.addAll(CHECK);
        problems.addAll(WORK);
        problems.addAll(EnumSet.of(PROJECT_BUSY, POOL_FULL, SHUTTING_DOWN, TOO_MANY_ROWS));
        problems.addAll(
            EnumSet.of(UNKNOWN_TASK, TASK_NOT_ALLOWED, UNKNOWN_STATEMENT, UNDO_IMPOSSIBLE));
      }
      case "pauseBatch", "resumeBatch", "cancelBatch" -> problems.add(ILLEGAL_TRANSITION);
      case "approveBatch" -> problems.addAll(EnumSet.of(OWN_APPROVAL, ILLEGAL_TRANSITION));
      case "approveSchedule" -> problems.addAll(EnumSet.of(OWN_APPROVAL, SCHEDULE_CHANGED));
      case "changeBatch" -> problems.addAll(EnumSet.of(BATCH_ENDED, NOT_SCHEDULED));
      case "saveTask" -> problems.remove(NOT_FOUND);
      case "leaseChunk" -> problems.add(UNKNOWN_TASK);
      case "completeChunk", "extendLease" ->
          problems.addAll(EnumSet.of(UNKNOWN_TASK, LEASE_EXPIRED));
      case "makeToken" -> problems.add(NAME_TAKEN);
      case "revokeToken" -> problems.add(LAST_ADMIN);
      default -> {}
    }
    return problems;
  }

  /** Returns whether a parameter can be invalid; an id that is no number is not found. */
  private static boolean isChecked(Parameter parameter) {
    return parameter.getIn() == Parameter.In.QUERY
        || (parameter.getIn() == Parameter.In.PATH && !parameter.getName().equals("id"));
  }
}
