package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Work that goes chunk by chunk along a cursor. The engine commits each chunk together with its
 * checkpoint, so that every chunk counts exactly once, whatever dies on the way.
 */
public non-sealed interface ChunkedTask<P extends Record> extends BatchTask<P> {

  /**
   * Begins or goes on with a batch; called once for each run, on the run's own thread.
   *
   * @param connection the run's first connection; later calls may come with another
   * @throws Refusal when the work can no longer be done, which fails the batch
   */
  ChunkedRun open(P parameters, String project, Connection connection) throws SQLException;
}
