package dev.rowmill.cluster;

import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Reads and writes the serial queue of all nodes, a table in the order of arrival. The first batch
 * has its turn until it ends, or is paused or cancelled. A transaction that changes the table holds
 * its lock to the end. Stateless.
 */
final class SerialQueueTable {

  private SerialQueueTable() {}

  /** Takes the lock with a write, since each server of a Galera cluster has its own row locks. */
  static void lock(Connection connection) throws SQLException {
    Rows.update(connection, "UPDATE serial_queue_lock SET passed = passed + 1 WHERE one = 1");
  }

  /** Adds a batch to the end; one that is in the queue retains its position. */
  static void join(Connection connection, long batch) throws SQLException {
    Rows.update(
        connection,
        "INSERT INTO serial_queue (batch) VALUES (?) ON DUPLICATE KEY UPDATE batch = batch",
        batch);
  }

  static void leave(Connection connection, long batch) throws SQLException {
    Rows.update(connection, "DELETE FROM serial_queue WHERE batch = ?", batch);
  }

  /** Returns the queue's batches that are neither queued nor running. */
  static List<Long> orphans(Connection connection) throws SQLException {
    return batches(
        connection,
        "SELECT batch FROM serial_queue WHERE NOT EXISTS (SELECT 1 FROM batch"
            + " WHERE id = serial_queue.batch AND status IN ('QUEUED', 'RUNNING'))");
  }

  /** Returns the launch of the first batch; empty where that batch is running already. */
  static Optional<LaunchName> first(Connection connection) throws SQLException {
    return Rows.first(
        connection,
        "SELECT id, epoch FROM batch WHERE status = 'QUEUED' AND id ="
            + " (SELECT batch FROM serial_queue ORDER BY seq LIMIT 1)",
        row -> new LaunchName(row.getLong(1), row.getInt(2) + 1));
  }

  /** Returns all batches in the queue, in order. */
  static List<Long> all(Connection connection) throws SQLException {
    return batches(connection, "SELECT batch FROM serial_queue ORDER BY seq");
  }

  private static List<Long> batches(Connection connection, String sql) throws SQLException {
    return Rows.query(connection, sql, row -> row.getLong(1));
  }

  /** Counts the batches before a batch; empty for one that is not in the queue. */
  static Optional<Long> place(Connection connection, long batch) throws SQLException {
    return Rows.first(
        connection,
        "SELECT (SELECT COUNT(*) FROM serial_queue AS before_it"
            + " WHERE before_it.seq < mine.seq)"
            + " FROM serial_queue AS mine WHERE mine.batch = ?",
        row -> row.getLong(1),
        batch);
  }
}
