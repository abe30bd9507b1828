package dev.rowmill.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The line of serial mode across nodes: a table in the order of asking, whose first has the turn
 * and keeps it until it is ended, paused or cancelled. Whoever changes it holds its lock to the end
 * of the transaction. Stateless.
 */
final class SerialQueueTable {

  private SerialQueueTable() {}

  /** By writing it, as of the servers of a Galera cluster each has locks of its own. */
  static void lock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE serial_gate SET passed = passed + 1 WHERE one = 1");
    }
  }

  /** Joins at the end; one that is in line keeps its place. */
  static void join(Connection connection, long batch) throws SQLException {
    update(
        connection,
        "INSERT INTO serial_line (batch) VALUES (?) ON DUPLICATE KEY UPDATE batch = batch",
        batch);
  }

  static void leave(Connection connection, long batch) throws SQLException {
    update(connection, "DELETE FROM serial_line WHERE batch = ?", batch);
  }

  /** Those in line that are not to run. */
  static List<Long> astray(Connection connection) throws SQLException {
    return batches(
        connection,
        "SELECT batch FROM serial_line WHERE NOT EXISTS (SELECT 1 FROM batch"
            + " WHERE id = serial_line.batch AND status IN ('QUEUED', 'RUNNING'))");
  }

  /** The launch of the batch whose turn it is, where that has not begun to run. */
  static Optional<LaunchTable.Name> first(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, epoch, status FROM batch WHERE id ="
                    + " (SELECT batch FROM serial_line ORDER BY place LIMIT 1)")) {
      return row.next() && row.getString("status").equals("QUEUED")
          ? Optional.of(new LaunchTable.Name(row.getLong("id"), row.getInt("epoch") + 1))
          : Optional.empty();
    }
  }

  /** All in line, the first one first. */
  static List<Long> all(Connection connection) throws SQLException {
    return batches(connection, "SELECT batch FROM serial_line ORDER BY place");
  }

  private static List<Long> batches(Connection connection, String sql) throws SQLException {
    List<Long> batches = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        batches.add(row.getLong(1));
      }
    }
    return batches;
  }

  /** How many are before a batch; empty for one that is not in line. */
  static OptionalLong place(Connection connection, long batch) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT (SELECT COUNT(*) FROM serial_line AS before_it"
                + " WHERE before_it.place < mine.place)"
                + " FROM serial_line AS mine WHERE mine.batch = ?")) {
      select.setLong(1, batch);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  private static void update(Connection connection, String sql, long batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, batch);
      statement.executeUpdate();
    }
  }
}
