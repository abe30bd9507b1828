package dev.rowmill.throttle;

import dev.rowmill.database.ServerError;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Reads how long other transactions have waited for row locks that chunks hold. Sends no query
 * while no chunk runs. Without waits, the query does not read MySQL's table of lock waits, as that
 * would block InnoDB.
 *
 * <p>Requires the privilege PROCESS, and on MySQL SELECT on performance_schema.data_lock_waits.
 */
final class LockProbe implements Probe {

  /**
   * Selects the waiting transaction, the connection that it waits for, and the microseconds. The
   * server reports the start of a wait in whole seconds, in the system's time zone, independent of
   * the session's.
   */
  private static final String SELECT =
      """
      SELECT CONCAT(r.trx_id, ' ', r.trx_wait_started), b.trx_mysql_thread_id,
        TIMESTAMPDIFF(MICROSECOND, r.trx_wait_started,
          CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', 'SYSTEM'))
      FROM information_schema.innodb_trx r
      """;

  private static final String WHERE =
      """
      WHERE r.trx_state = 'LOCK WAIT' AND b.trx_mysql_thread_id IN (%1$s)
        AND r.trx_mysql_thread_id NOT IN (%1$s)
      """;

  private static final String MARIADB =
      SELECT
          + """
          STRAIGHT_JOIN information_schema.innodb_lock_waits w ON w.requesting_trx_id = r.trx_id
          STRAIGHT_JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id
          """
          + WHERE;

  /** Begins with the status of the performance schema: without it, MySQL shows no lock waits. */
  private static final String MYSQL =
      "SELECT NULL, NULL, @@performance_schema UNION ALL "
          + SELECT
          + """
          STRAIGHT_JOIN performance_schema.data_lock_waits w
            ON w.requesting_engine_transaction_id = r.trx_id
          STRAIGHT_JOIN information_schema.innodb_trx b
            ON b.trx_id = w.blocking_engine_transaction_id
          """
          + WHERE;

  /**
   * Selects the waits without the table of transactions. MySQL rejects queries of that table while
   * the text of any statement has bytes that are invalid in its character set. This query does not
   * return when a wait began. It also omits implicit locks, such as those on rows that a chunk has
   * inserted.
   */
  private static final String MYSQL_WITHOUT_TRANSACTIONS =
      """
      WITH ours AS (
        SELECT id, PS_THREAD_ID(id) AS thread
        FROM JSON_TABLE('[%1$s]', '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) ids)
      SELECT CONCAT(w.requesting_engine_transaction_id, ' ', w.requesting_engine_lock_id), b.id, 0
      FROM performance_schema.data_lock_waits w JOIN ours b ON b.thread = w.blocking_thread_id
      WHERE NOT EXISTS (SELECT * FROM ours r WHERE r.thread = w.requesting_thread_id)
      """;

  private final MainServer server;
  private final Measure locks;
  private final HeldLocks held;

  /** Holds the waits of the last sample, and when each was first seen. */
  private Map<String, Long> firstSeen = Map.of();

  LockProbe(MainServer server, Measure locks, HeldLocks held) {
    this.server = server;
    this.locks = locks;
    this.held = held;
  }

  @Override
  public boolean isWanted(long now) {
    return locks.isWanted(now);
  }

  @Override
  public void sample() throws SQLException {
    Set<Long> ours = held.connections();
    Map<Long, Long> longest = ours.isEmpty() ? Map.of() : longest(ours);
    locks.read(longest.size(), System.nanoTime());
    held.seen(ours, longest);
  }

  /** Returns the query of the waits for connections, given as numbers separated by commas. */
  static String sql(boolean mariaDb, String connections) {
    return (mariaDb ? MARIADB : MYSQL).formatted(connections);
  }

  /**
   * Checks the row without a wait, with which MySQL's result begins; returns for all other rows.
   *
   * @throws SQLException when the server shows no lock waits
   */
  static void requirePerformanceSchema(ResultSet row) throws SQLException {
    if (row.getString(1) == null && row.getInt(3) == 0) {
      throw new SQLFeatureNotSupportedException("the server runs without performance_schema");
    }
  }

  private Map<Long, Long> longest(Set<Long> ours) throws SQLException {
    String ids = ours.stream().map(String::valueOf).collect(Collectors.joining(","));
    try {
      return query(ids, MYSQL);
    } catch (SQLException e) {
      if (!ServerError.ER_CANNOT_CONVERT_STRING.is(e)) {
        throw e;
      }
      return query(ids, MYSQL_WITHOUT_TRANSACTIONS);
    }
  }

  private Map<Long, Long> query(String ids, String onMySql) throws SQLException {
    return server.query(MARIADB.formatted(ids), onMySql.formatted(ids), this::read);
  }

  /** Returns the longest wait for each of the connections of chunks, in nanoseconds. */
  private Map<Long, Long> read(ResultSet rows) throws SQLException {
    long now = System.nanoTime();
    Map<String, Long> seen = new HashMap<>();
    Map<Long, Long> longest = new HashMap<>();
    while (rows.next()) {
      String wait = rows.getString(1);
      if (wait == null) {
        requirePerformanceSchema(rows);
        continue;
      }
      long first = firstSeen.getOrDefault(wait, now);
      seen.put(wait, first);
      longest.merge(rows.getLong(2), Math.max(now - first, atLeast(rows.getLong(3))), Math::max);
    }
    firstSeen = seen;
    return longest;
  }

  /**
   * Returns the nanoseconds that a wait has certainly lasted: the start in whole seconds may be up
   * to one second early.
   */
  private static long atLeast(long micros) {
    return Math.max(0, TimeUnit.MICROSECONDS.toNanos(micros) - TimeUnit.SECONDS.toNanos(1));
  }

  @Override
  public void failed(Throwable error) {
    locks.failed(error);
  }
}
