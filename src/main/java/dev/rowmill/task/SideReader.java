package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Future;

/**
 * A second connection beside a chunk's transaction, for reading alone, on a thread of its own. Each
 * query on it sees what was committed when it began, and so the rows that the chunk has changed as
 * they were before.
 */
public interface SideReader {

  /** A query on the second connection. */
  @FunctionalInterface
  interface Query<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Begins a query, after those that were begun before it. */
  <T> Future<T> read(Query<T> query);
}
