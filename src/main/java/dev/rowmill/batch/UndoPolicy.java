package dev.rowmill.batch;

/** Lists whether a batch stores undo data of its changes. */
public enum UndoPolicy {
  /** Stores no undo data. */
  NO,
  /** Stores undo data if the changes can be undone. */
  IF_POSSIBLE,
  /** Stores undo data, or changes nothing. */
  YES
}
