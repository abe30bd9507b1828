package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Sequence;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Represents a table of which each small job changes one row: job n adds 1 to row n, and after the
 * last row to the first one again. Its connection is not thread-safe.
 *
 * @param name name with its schema
 */
record JobTable(Connection connection, String name, int rows) {

  static JobTable create(Connection connection, String name, int rows) throws SQLException {
    Sql.execute(
        connection,
        "CREATE TABLE " + name + " (id INT NOT NULL PRIMARY KEY, done INT NOT NULL DEFAULT 0)");
    Sql.execute(
        connection,
        "INSERT INTO " + name + " (id) SELECT i FROM (" + Sequence.sql(0, rows) + ") n");
    Sql.execute(connection, "ANALYZE TABLE " + name);
    return new JobTable(connection, name, rows);
  }

  int row(int job) {
    return job % rows;
  }

  /** Returns the statement of a job, up to the row's id. */
  String change() {
    return "UPDATE " + name + " SET done = done + 1 WHERE id = ";
  }

  /** Runs a job on a connection of the caller. */
  void change(Connection own, int job) throws SQLException {
    try (PreparedStatement update = own.prepareStatement(change() + "?")) {
      update.setInt(1, row(job));
      assertEquals(1, update.executeUpdate());
    }
  }

  void reset() throws SQLException {
    Sql.execute(connection, "UPDATE " + name + " SET done = 0");
  }

  boolean isDone(int job) throws SQLException {
    try (PreparedStatement look =
        connection.prepareStatement("SELECT done FROM " + name + " WHERE id = ?")) {
      look.setInt(1, row(job));
      try (ResultSet row = look.executeQuery()) {
        return row.next() && row.getInt(1) > 0;
      }
    }
  }

  /** Fails unless the jobs from 0 up to a number have each been done once. */
  void assertDone(int jobs) throws SQLException {
    long most = (jobs + rows - 1L) / rows;
    assertEquals(jobs, Sql.number(connection, "SELECT SUM(done) FROM " + name), "jobs done");
    assertEquals(
        most, Sql.number(connection, "SELECT MAX(done) FROM " + name), "jobs done on one row");
  }
}
