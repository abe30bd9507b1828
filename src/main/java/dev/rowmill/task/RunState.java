package dev.rowmill.task;

import java.sql.SQLException;

/** Identifies the run of a batch, and reads whether it may continue. Safe for many threads. */
public interface RunState {

  /** Returns the id of the batch. */
  long batch();

  /** Returns the project of the batch. */
  String project();

  /**
   * Reads whether this run may continue. Call it directly before a change that no transaction with
   * a checkpoint protects.
   *
   * @return false when a stop was requested, such as to cancel the batch
   * @throws RuntimeException when another run has taken over the batch, or when the database can't
   *     be reached
   */
  boolean mayContinue() throws SQLException;
}
