package dev.rowmill.batch;

/**
 * Represents the end of another batch, for which a batch waits before it is queued.
 *
 * @param batch the predecessor
 * @param on how the predecessor must end
 * @param implied whether it follows from the place in a queue, and was not named by the caller
 * @param met whether it has ended so
 */
public record Condition(long batch, ExpectedEnd on, boolean implied, boolean met) {

  /** Returns a condition that a caller names, not met yet. */
  public static Condition open(long batch, ExpectedEnd on) {
    return new Condition(batch, on, false, false);
  }

  /** Returns the condition of a batch that follows another one in a queue. */
  public static Condition following(long batch) {
    return new Condition(batch, ExpectedEnd.SUCCEEDED, true, false);
  }

  /** Returns the condition, met. */
  public Condition asMet() {
    return new Condition(batch, on, implied, true);
  }
}
