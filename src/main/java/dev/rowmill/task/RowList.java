package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Lists some rows of a work, by positions: numbers above 0 that rise, with gaps. Reads and writes
 * in the transaction of the connection. Thread-safe.
 */
public interface RowList {

  /** Represents a row of the list. */
  record Entry(long position, RowKey row) {}

  /**
   * Represents the rows that are left in a list.
   *
   * @param first first position; 0 without rows
   * @param last last position; 0 without rows
   * @param rows number of rows
   */
  record Span(long first, long last, long rows) {}

  /** Returns the rows that are left. */
  Span left(Connection connection) throws SQLException;

  /**
   * Returns rows that are left, in the order of their positions.
   *
   * @param after exclusive lower position
   * @param upTo inclusive upper position
   * @param most maximum number of rows
   */
  List<Entry> read(Connection connection, long after, long upTo, int most) throws SQLException;

  /** Removes the rows after a position, up to and including another, from those that are left. */
  void remove(Connection connection, long after, long upTo) throws SQLException;
}
