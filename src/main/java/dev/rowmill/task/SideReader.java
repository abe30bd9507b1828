package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Future;

/**
 * Reads on a second connection beside a chunk's transaction, on a thread of its own. Each query
 * sees the data that was committed when it began. It therefore sees the rows of the chunk as they
 * were before.
 */
public interface SideReader {

  /** Represents a query on the second connection. */
  @FunctionalInterface
  interface Query<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Begins a query, after all queries begun earlier. */
  <T> Future<T> read(Query<T> query);
}
