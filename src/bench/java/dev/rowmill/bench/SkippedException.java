package dev.rowmill.bench;

/** Something can't be measured here; the message says why. */
final class SkippedException extends Exception {

  private static final long serialVersionUID = 1;

  SkippedException(String reason) {
    super(reason);
  }
}
