package dev.rowmill.throttle;

/** What the sampler knows of a number. Times are those of {@link System#nanoTime()}. */
sealed interface Sample {

  /** Nothing has come in since somebody began to ask. */
  record Unread(long since) implements Sample {}

  /** The number, as it was. */
  record Read(double number, long at) implements Sample {}

  /**
   * It could not be read.
   *
   * @param why a sentence's end, without secrets
   * @param refused not by accident: the server won't tell this account, or anyone
   */
  record Failed(String why, boolean refused) implements Sample {}
}
