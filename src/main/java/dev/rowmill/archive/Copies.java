package dev.rowmill.archive;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Copies the rows of one chunk to where they are moved. For one thread. */
interface Copies extends AutoCloseable {

  /** Begins the copies of a chunk. */
  @FunctionalInterface
  interface Destination {
    Copies begin(Connection connection, Chunk chunk, StatementTag tag) throws SQLException;
  }

  /**
   * Returns the statement that copies rows of a table, up to its FROM.
   *
   * @param qualifier qualifier of the table
   */
  String copying(MovedTable table, String qualifier);

  /**
   * Runs the statement that copies rows.
   *
   * @return number of rows
   */
  long copy(MovedTable table, PreparedStatement copying) throws SQLException;

  /** Makes all copies of the chunk durable, at the latest when its transaction is committed. */
  default void complete() throws SQLException {}

  /** Drops what was not completed. */
  @Override
  default void close() throws SQLException {}
}
