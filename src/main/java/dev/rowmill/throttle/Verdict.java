package dev.rowmill.throttle;

import java.time.Duration;

/** Represents the decision whether the next chunk may run. */
public sealed interface Verdict {

  /** Allows the chunk to run now. */
  record Go() implements Verdict {}

  /**
   * Makes the chunk wait.
   *
   * @param detail a sentence with the measured value and the limit; it holds no secrets
   * @param pause time until the next check, more than zero
   */
  record Wait(Reason reason, String detail, Duration pause) implements Verdict {}

  /**
   * Ends the batch because the server is far beyond its limit.
   *
   * @param detail a sentence with the measured value and the limit
   */
  record Fail(Reason reason, String detail) implements Verdict {}
}
