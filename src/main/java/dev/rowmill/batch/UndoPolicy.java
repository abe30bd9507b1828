package dev.rowmill.batch;

/** Defines whether a batch stores undo data. */
public enum UndoPolicy {
  /** Stores no undo data. */
  NO,
  /** Stores undo data if the changes can be undone, else runs without. */
  IF_POSSIBLE,
  /** Stores undo data; a batch that can not be undone changes nothing. */
  YES
}
