package dev.rowmill.throttle;

import java.time.Duration;

/** Whether the next chunk may run. */
public sealed interface Verdict {

  /** It may run now. */
  record Go() implements Verdict {}

  /**
   * It has to wait.
   *
   * @param detail a sentence with the measured value and the limit; it holds no secrets
   * @param pause when to ask again, more than zero
   */
  record Wait(Reason reason, String detail, Duration pause) implements Verdict {}

  /**
   * The server is so far beyond its limit that the batch has to end.
   *
   * @param detail a sentence with the measured value and the limit
   */
  record Fail(Reason reason, String detail) implements Verdict {}
}
