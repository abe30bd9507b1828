package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Divides work into chunks along a cursor. The engine commits each chunk together with its
 * checkpoint, so every chunk counts exactly once, even after a crash.
 */
public non-sealed interface ChunkedTask<P extends Record> extends BatchTask<P> {

  /**
   * Does what must happen outside of a transaction before the extent of a batch is found, on the
   * run's own thread. Repeated after an error or a crash, so it must be repeatable. If it returns
   * early because the run may not continue, a later run calls it again.
   */
  default void prepare(P parameters, RunState run) throws SQLException {}

  /**
   * Does what must happen after all chunks of a batch are committed, before it succeeds, on the
   * run's own thread. An exception fails the batch. Repeated after a crash or by a retry, so it
   * must be repeatable.
   */
  default void finish(P parameters, RunState run) throws SQLException {}

  /**
   * Stores what a batch has done so far, when a run of it ends before all of its work is done: it
   * is paused, cancelled or moved to another node, or it fails. Called on the run's own thread. An
   * exception is logged only. Not called if the process is killed.
   */
  default void interrupt(P parameters, RunState run) throws SQLException {}

  /**
   * Begins or resumes a batch; called once for each run, on the run's own thread.
   *
   * @param connection the run's first connection; later calls may pass another
   * @throws Refusal when the work can no longer be done, which fails the batch
   */
  ChunkedRun open(P parameters, String project, Connection connection) throws SQLException;
}
