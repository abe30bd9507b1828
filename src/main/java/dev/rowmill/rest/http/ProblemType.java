package dev.rowmill.rest.http;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Lists every type of problem that the service reports, with its HTTP status. No other list exists.
 */
public enum ProblemType {
  INVALID_REQUEST(400),
  UNAUTHORIZED(401),
  OWN_APPROVAL(403),
  FORBIDDEN(403),
  CSRF(403),
  NOT_FOUND(404),
  METHOD_NOT_ALLOWED(405),
  NOT_ACCEPTABLE(406),
  PROJECT_BUSY(409),
  ILLEGAL_TRANSITION(409),
  BATCH_ENDED(409),
  NOT_SCHEDULED(409),
  SCHEDULE_CHANGED(409),
  NAME_TAKEN(409),
  LAST_ADMIN(409),
  DEPENDENCY_FAILED(409),
  NOT_UNDOABLE(409),
  NOT_RESTORABLE(409),
  NOTHING_TO_UNDO(409),
  CHANGES_UNAVAILABLE(409),
  NOT_RETRYABLE(409),
  SKIPPED_NOT_RETRYABLE(409),
  DEFINITION_CHANGED(409),
  UNDO_EXPIRED(410),
  PLAN_DRIFT(409),
  PLAN_EXPIRED(410),
  BODY_TOO_LARGE(413),
  UNSUPPORTED_MEDIA_TYPE(415),
  UNSUPPORTED_STATEMENT(422),
  WHOLE_TABLE(422),
  TOO_MANY_ROWS(422),
  UNKNOWN_TABLE(422),
  NO_USABLE_KEY(422),
  PARAMETER_MISMATCH(422),
  INVALID_CHAIN(422),
  UNKNOWN_BATCH(422),
  UNKNOWN_TASK(422),
  TASK_NOT_ALLOWED(422),
  LEASE_EXPIRED(409),
  UNKNOWN_STATEMENT(422),
  UNDO_IMPOSSIBLE(422),
  SKIP_IMPOSSIBLE(422),
  ARCHIVE_IMPOSSIBLE(422),
  EXPORT_TARGET(422),
  UNKNOWN_PLAN(422),
  UNKNOWN_UPLOAD(422),
  UPLOAD_MISMATCH(422),
  UPLOAD_REJECTED(422),
  DURATION_SPENT(422),
  IDEMPOTENCY_MISMATCH(422),
  TOO_MANY_ATTEMPTS(429),
  INTERNAL_ERROR(500),
  POOL_FULL(503),
  TOO_MANY_UPLOADS(503),
  SHUTTING_DOWN(503),
  DATABASE_UNAVAILABLE(503),

  // Errors of a batch, never the status of a response. 422: the rows of a range reject the change,
  // which the caller can fix, or the batch takes too long. 409: an undo meets a conflict or a
  // changed table. 503: the server is overloaded. 500: the verification of the batch or the task
  // itself fails.
  CHUNK_FAILED(422),
  TOO_MANY_SKIPPED(422),
  UNDO_CONFLICT(409),
  UNDO_TABLE_CHANGED(409),
  SERVER_OVERLOADED(503),
  TOO_LONG_RUNNING(422),
  VERIFICATION_FAILED(500),
  TASK_FAILED(500);

  private final int status;

  ProblemType(int status) {
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Returns the last part of the problem's {@code type}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the type that a code names. Empty for a code of a task's own. */
  static Optional<ProblemType> of(String code) {
    return Arrays.stream(values()).filter(type -> type.code().equals(code)).findFirst();
  }

  /** Returns the type that reports a plain HTTP error. */
  static ProblemType ofStatus(int status) {
    return switch (status) {
      case 401 -> UNAUTHORIZED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 413 -> BODY_TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 503 -> DATABASE_UNAVAILABLE;
      default -> status >= 400 && status < 500 ? INVALID_REQUEST : INTERNAL_ERROR;
    };
  }
}
