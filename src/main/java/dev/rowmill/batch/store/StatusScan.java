package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads the statuses of batches, set by any node. The cost depends on the number of batches that
 * have not ended, not on the length of the history. Safe for many threads; throws a runtime
 * exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class StatusScan {

  /** Limits the new batches of one scan; the next scan returns further ones. */
  private static final int MOST_NEW = 1000;

  private static final String LIVE =
      StatusRow.SELECT
          + " FORCE INDEX (batch_by_status_and_mode)"
          + " WHERE status IN ('RUNNING', 'PAUSED', 'QUEUED', 'WAITING', 'SCHEDULED')";

  private static final String NEW =
      StatusRow.SELECT + " WHERE id > ? ORDER BY id LIMIT " + MOST_NEW;

  /**
   * Represents the status of a batch.
   *
   * @param status change without a sequence number
   * @param pending what is pending in this status: an approval, a requested status, or nothing
   */
  public record SeenStatus(StatusChange status, String pending) {}

  /**
   * Holds the result of a scan.
   *
   * @param seen one item for each batch
   * @param newest the highest id up to which all batches were scanned
   * @param until every later change of this process has a higher sequence number
   */
  public record Scan(Collection<SeenStatus> seen, long newest, long until) {}

  private final ControlTransactions transactions;

  StatusScan(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Scans all batches that have not ended. */
  public Scan live() {
    return transactions.read(
        connection -> {
          long newest = Rows.number(connection, "SELECT COALESCE(MAX(id), 0) FROM batch");
          Map<Long, SeenStatus> seen = seen(connection, LIVE);
          return new Scan(seen.values(), newest, BatchTransaction.newest());
        });
  }

  /**
   * Scans all batches that have not ended, and others, ended or not.
   *
   * @param after also scans batches with a higher id
   * @param known ids of further batches to scan
   */
  public Scan scan(long after, Set<Long> known) {
    return transactions.read(
        connection -> {
          Map<Long, SeenStatus> seen = seen(connection, LIVE);
          Map<Long, SeenStatus> fresh = seen(connection, NEW, after);
          seen.putAll(fresh);
          Set<Long> ended = new HashSet<>(known);
          ended.removeAll(seen.keySet());
          if (!ended.isEmpty()) {
            String ids = " WHERE id IN " + Rows.list(ended.size());
            seen.putAll(seen(connection, StatusRow.SELECT + ids, ended));
          }
          long newest = fresh.keySet().stream().reduce(after, Math::max);
          return new Scan(seen.values(), newest, BatchTransaction.newest());
        });
  }

  private static Map<Long, SeenStatus> seen(Connection connection, String sql, Object... values)
      throws SQLException {
    Map<Long, SeenStatus> seen = new LinkedHashMap<>();
    for (StatusRow row : Rows.query(connection, sql, StatusRow::of, values)) {
      var status =
          new StatusChange(0, row.id(), row.project(), row.mode(), row.epoch(), row.status());
      seen.put(row.id(), new SeenStatus(status, row.pending()));
    }
    return seen;
  }
}
