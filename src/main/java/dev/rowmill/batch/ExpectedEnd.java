package dev.rowmill.batch;

/** Represents how a batch must end, for another one that waits for it to start. */
public enum ExpectedEnd {
  /** Requires success. */
  SUCCEEDED,
  /** Requires an end, in any way. */
  ENDED,
  /** Requires a failure; a cancelled batch has not failed. */
  FAILED;

  /** Returns whether an end is the expected one. */
  public boolean isMetBy(BatchStatus end) {
    return switch (this) {
      case SUCCEEDED -> end == BatchStatus.SUCCEEDED;
      case ENDED -> end.isFinal();
      case FAILED -> end == BatchStatus.FAILED;
    };
  }
}
