package dev.rowmill.task;

import java.util.Optional;

/**
 * Provides a run of a {@link PlainTask} with its input and its checkpoints. For the run's own
 * thread alone.
 */
public interface PlainContext<P extends Record> {

  /** Returns the id of the batch. */
  long batch();

  /** Returns the project of the batch. */
  String project();

  /** Returns the parameters, already validated. */
  P parameters();

  /** Returns the last checkpoint saved, by this run or an earlier one. */
  Optional<String> checkpoint();

  /** Sets the number of rows to scan, when it becomes known. */
  void total(long rows);

  /**
   * Saves the progress in a transaction of its own; durable on return.
   *
   * @param checkpoint any text from which a later run can resume
   * @param rowsScanned rows scanned since the last call
   * @param rowsChanged rows changed since the last call
   */
  void save(String checkpoint, long rowsScanned, long rowsChanged);

  /**
   * Returns whether to return soon: the service is shutting down, or a stop of the batch was
   * requested. The run should save its checkpoint and return.
   */
  boolean stopRequested();
}
