package dev.rowmill.httptask;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Represents how a call ended. */
sealed interface CallOutcome {

  /**
   * Means that the service has answered.
   *
   * @param body null for 204
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answered(byte @Nullable [] body) implements CallOutcome {}

  /** Means that the service rejects the rows. */
  record Rejected(String message) implements CallOutcome {}

  /** Means that the response is none of an HTTP task; the next would be the same. */
  record Invalid(String message) implements CallOutcome {}

  /**
   * Means that the service wants fewer calls.
   *
   * @param pause until the next call
   */
  record Busy(String message, Duration pause) implements CallOutcome {}

  /** Means that the call did not succeed; the next may. */
  record Failed(String message) implements CallOutcome {}
}
