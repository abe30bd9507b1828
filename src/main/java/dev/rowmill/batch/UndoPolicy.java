package dev.rowmill.batch;

/** Whether a batch keeps what its chunks change, so that it can be undone. */
public enum UndoPolicy {
  /** It keeps nothing. */
  NO,
  /** It keeps what it changes where that can be put back, and else does without. */
  IF_POSSIBLE,
  /** It keeps what it changes, or changes nothing. */
  YES
}
