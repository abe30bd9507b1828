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
 * Reads and writes the serial queue of all nodes, a table in the order of arrival. The first batch
 * has its turn until it ends, or is paused or cancelled. A transaction that changes the table holds
 * its lock to the end. Stateless.
 */
final class SerialQueueTable {

  private SerialQueueTable() {}

  /** Takes the lock with a write, since each server of a Galera cluster has its own row locks. */
  static void lock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE serial_gate SET passed = passed + 1 WHERE one = 1");
    }
  }

  /** Adds a batch to the end; one that is in the queue retains its position. */
  static void join(Connection connection, long batch) throws SQLException {
    update(
        connection,
        "INSERT INTO serial_line (batch) VALUES (?) ON DUPLICATE KEY UPDATE batch = batch",
        batch);
  }

  static void leave(Connection connection, long batch) throws SQLException {
    update(connection, "DELETE FROM serial_line WHERE batch = ?", batch);
  }

  /** Returns the queue's batches that are neither queued nor running. */
  static List<Long> orphans(Connection connection) throws SQLException {
    return batches(
        connection,
        "SELECT batch FROM serial_line WHERE NOT EXISTS (SELECT 1 FROM batch"
            + " WHERE id = serial_line.batch AND status IN ('QUEUED', 'RUNNING'))");
  }

  /** Returns the launch of the first batch; empty where that batch is running already. */
  static Optional<LaunchName> first(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, epoch, status FROM batch WHERE id ="
                    + " (SELECT batch FROM serial_line ORDER BY place LIMIT 1)")) {
      return row.next() && row.getString("status").equals("QUEUED")
          ? Optional.of(new LaunchName(row.getLong("id"), row.getInt("epoch") + 1))
          : Optional.empty();
    }
  }

  /** Returns all batches in the queue, in order. */
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

  /** Counts the batches before a batch; empty for one that is not in the queue. */
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
