package dev.rowmill.throttle;

/** Represents the last reading of a number. Times are those of {@link System#nanoTime()}. */
sealed interface Sample {

  /** Means that no value has arrived since a batch first needed it. */
  record Unread(long since) implements Sample {}

  /** Holds a number that was read. */
  record Read(double number, long at) implements Sample {}

  /**
   * Means that the number could not be read.
   *
   * @param why a sentence's end, without secrets
   * @param refused whether the server refuses the number to this account, or to all accounts
   */
  record Failed(String why, boolean refused) implements Sample {}
}
