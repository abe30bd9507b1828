package dev.rowmill.bench;

/** Reports that something can't be measured here; the message contains the reason. */
final class SkippedException extends Exception {

  private static final long serialVersionUID = 1;

  SkippedException(String reason) {
    super(reason);
  }
}
