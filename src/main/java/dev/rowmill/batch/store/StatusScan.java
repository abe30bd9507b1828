package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
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

  private static final String SELECT =
      "SELECT id, project, mode, epoch, status, IF(approval_rows IS NOT NULL AND approved_at IS"
          + " NULL, 'APPROVAL', COALESCE(wanted, '')) FROM batch";

  private static final String LIVE =
      SELECT
          + " FORCE INDEX (batch_by_status_and_mode)"
          + " WHERE status IN ('RUNNING', 'PAUSED', 'QUEUED', 'WAITING')";

  private static final String NEW = SELECT + " WHERE id > ? ORDER BY id LIMIT " + MOST_NEW;

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
   * @param sights one item for each batch
   * @param newest the highest id up to which all batches were scanned
   * @param until every later change of this process has a higher sequence number
   */
  public record Look(Collection<SeenStatus> sights, long newest, long until) {}

  private final ControlTransactions transactions;

  StatusScan(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Scans all batches that have not ended. */
  public Look live() {
    return transactions.read(
        connection -> {
          long newest;
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT COALESCE(MAX(id), 0) FROM batch");
              ResultSet row = select.executeQuery()) {
            row.next();
            newest = row.getLong(1);
          }
          Map<Long, SeenStatus> sights = sights(connection, LIVE, List.of());
          return new Look(sights.values(), newest, PendingChanges.newest());
        });
  }

  /**
   * Scans all batches that have not ended, and others, ended or not.
   *
   * @param after also scans batches with a higher id
   * @param known ids of further batches to scan
   */
  public Look look(long after, Set<Long> known) {
    return transactions.read(
        connection -> {
          Map<Long, SeenStatus> sights = sights(connection, LIVE, List.of());
          Map<Long, SeenStatus> fresh = sights(connection, NEW, List.of(after));
          sights.putAll(fresh);
          Set<Long> ended = new HashSet<>(known);
          ended.removeAll(sights.keySet());
          if (!ended.isEmpty()) {
            String ids = String.join(", ", Collections.nCopies(ended.size(), "?"));
            sights.putAll(sights(connection, SELECT + " WHERE id IN (" + ids + ")", ended));
          }
          long newest = fresh.keySet().stream().reduce(after, Math::max);
          return new Look(sights.values(), newest, PendingChanges.newest());
        });
  }

  private static Map<Long, SeenStatus> sights(
      Connection connection, String sql, Collection<Long> values) throws SQLException {
    Map<Long, SeenStatus> sights = new LinkedHashMap<>();
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      int i = 0;
      for (Long value : values) {
        select.setLong(++i, value);
      }
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          var status =
              new StatusChange(
                  0,
                  row.getLong(1),
                  row.getString(2),
                  Mode.valueOf(row.getString(3)),
                  row.getInt(4),
                  BatchStatus.valueOf(row.getString(5)));
          sights.put(status.batch(), new SeenStatus(status, row.getString(6)));
        }
      }
    }
    return sights;
  }
}
