package dev.rowmill.task;

import java.util.Optional;

/** What a run of a {@link PlainTask} is given. For the run's own thread alone. */
public interface PlainContext<P extends Record> {

  /** The id of the batch. */
  long batch();

  /** The project that asked. */
  String project();

  /** The parameters, valid. */
  P parameters();

  /** The last checkpoint saved, by this run or one before it. */
  Optional<String> checkpoint();

  /** Says how many rows there are to look at, when that becomes known. */
  void total(long rows);

  /**
   * Saves how far the work has come, in a transaction of its own; durable on return.
   *
   * @param checkpoint any text that a later run can go on from
   * @param rowsScanned rows looked at since the last call
   * @param rowsChanged rows changed since the last call
   */
  void save(String checkpoint, long rowsScanned, long rowsChanged);

  /**
   * Whether to return soon: the service is shutting down, or the batch was asked to stop. The run
   * should save its checkpoint and return.
   */
  boolean stopRequested();
}
