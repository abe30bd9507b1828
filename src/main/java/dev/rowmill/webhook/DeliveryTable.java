package dev.rowmill.webhook;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the table of deliveries. Thread-safe, and safe for several nodes. Throws a
 * runtime exception with the SQL error among its causes if the database is unreachable.
 */
@ApplicationScoped
class DeliveryTable {

  private static final int PURGED_AT_ONCE = 1000;

  private static final String ROW =
      "(?, 'BATCH_ENDED', ?, ?, ?, COALESCE((SELECT finished_at FROM batch WHERE id = ?), ?),"
          + " (SELECT LEFT(JSON_UNQUOTE(JSON_EXTRACT(error, '$.type')), 64) FROM batch"
          + " WHERE id = ?),"
          + " (SELECT COALESCE(SUM(rows_scanned), 0) FROM lane WHERE batch = ?),"
          + " (SELECT COALESCE(SUM(rows_changed), 0) FROM lane WHERE batch = ?),"
          + " (SELECT COALESCE(SUM(rows_skipped), 0) FROM lane WHERE batch = ?),"
          + " 'PENDING', ?, ?)";

  /** Ignores an event that is stored, as a transaction without a response is repeated. */
  private static final String UNCHANGED = " ON DUPLICATE KEY UPDATE error = webhook_delivery.error";

  private static final String HELD = " WHERE id = ? AND state = 'PENDING' AND due_at = ?";

  /**
   * Counts the deliveries that are not delivered.
   *
   * @param pending deliveries still to be made
   * @param failed deliveries that were given up
   */
  record Counts(long pending, long failed) {}

  private final ControlTransactions transactions;

  DeliveryTable(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Adds a delivery for each end and target, in the caller's transaction that ends the batches. It
   * stores how the batch ended, because the batch may be retried before the delivery is sent.
   * Existing ones stay unchanged.
   */
  static void add(
      Connection connection,
      Collection<StatusChange> ends,
      Collection<WebhookTarget> targets,
      Instant now)
      throws SQLException {
    List<Object> values = new ArrayList<>();
    for (StatusChange end : ends) {
      long batch = end.batch();
      for (WebhookTarget target : targets) {
        values.addAll(List.of(target.key(), batch, end.epoch(), end.status(), batch, now));
        values.addAll(List.of(batch, batch, batch, batch, now, now));
      }
    }
    Rows.update(
        connection,
        "INSERT INTO webhook_delivery (target, type, subject, occurrence, status, occurred_at,"
            + " failure, rows_scanned, rows_changed, rows_skipped, state, created_at, due_at) VALUES "
            + String.join(", ", Collections.nCopies(ends.size() * targets.size(), ROW))
            + UNCHANGED,
        values);
  }

  /**
   * Adds a delivery for each target and each batch that waits for an approval, in the caller's
   * transaction that makes it wait. Existing ones stay unchanged.
   *
   * @param batches ids of batches that may wait for an approval; at least one
   */
  static void addApprovals(
      Connection connection,
      Collection<Long> batches,
      Collection<WebhookTarget> targets,
      Instant now)
      throws SQLException {
    for (WebhookTarget target : targets) {
      Rows.update(
          connection,
          "INSERT INTO webhook_delivery"
              + " (target, type, subject, occurrence, occurred_at, state, created_at, due_at)"
              + " SELECT ?, 'APPROVAL_WANTED', id, epoch, ?, 'PENDING', ?, ? FROM batch WHERE id IN "
              + Rows.list(batches.size())
              + " AND approval_rows IS NOT NULL AND approved_at IS NULL"
              + UNCHANGED,
          target.key(),
          now,
          now,
          now,
          batches);
    }
  }

  /**
   * Adds a delivery for each target, in the caller's transaction that stores the run of a schedule.
   * Existing ones stay unchanged.
   *
   * @param run JSON object with the run
   */
  static void addRun(
      Connection connection,
      EventType type,
      long schedule,
      Instant fireAt,
      Instant firedAt,
      String run,
      Collection<WebhookTarget> targets,
      Instant now)
      throws SQLException {
    for (WebhookTarget target : targets) {
      Rows.update(
          connection,
          "INSERT INTO webhook_delivery (target, type, subject, occurrence, occurred_at, run,"
              + " state, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?, 'PENDING', ?, ?)"
              + UNCHANGED,
          target.key(),
          type,
          schedule,
          fireAt.toEpochMilli(),
          firedAt,
          run,
          now,
          now);
    }
  }

  /**
   * Claims the delivery that has been due longest. No other sender gets it before the lease
   * expires. A delivery that is not settled before that is due again.
   */
  Optional<PendingDelivery> claim(WebhookTarget target, Instant now, Instant lease) {
    record Due(PendingDelivery delivery, String at) {}
    return transactions.sql(
        connection -> {
          Optional<Due> due =
              Rows.first(
                  connection,
                  "SELECT id, type, subject, attempts, CAST(created_at AS CHAR),"
                      + " CAST(due_at AS CHAR), CAST(occurred_at AS CHAR), run, status, failure,"
                      + " rows_scanned, rows_changed, rows_skipped FROM webhook_delivery WHERE target = ? AND state = 'PENDING'"
                      + " AND due_at <= ? ORDER BY due_at LIMIT 1",
                  row ->
                      new Due(
                          new PendingDelivery(
                              row.getLong("id"),
                              EventType.valueOf(row.getString("type")),
                              row.getLong("subject"),
                              row.getInt("attempts") + 1,
                              StoredTime.time(row.getString(5)),
                              lease,
                              StoredTime.time(row.getString(7)),
                              end(row),
                              row.getString("run")),
                          row.getString(6)),
                  target.key(),
                  now);
          boolean claimed =
              due.isPresent()
                  && Rows.update(
                          connection,
                          "UPDATE webhook_delivery SET due_at = ?, attempts = attempts + 1" + HELD,
                          lease,
                          due.get().delivery.id(),
                          due.get().at)
                      == 1;
          return due.filter(it -> claimed).map(Due::delivery);
        });
  }

  private static PendingDelivery.@Nullable End end(ResultSet row) throws SQLException {
    String status = row.getString("status");
    return status == null
        ? null
        : new PendingDelivery.End(
            BatchStatus.valueOf(status),
            row.getString("failure"),
            row.getLong("rows_scanned"),
            row.getLong("rows_changed"),
            row.getLong("rows_skipped"));
  }

  /**
   * Marks a delivery as delivered. This holds even if the lease has expired and another sender has
   * claimed it, because the target has accepted it.
   */
  void delivered(PendingDelivery delivery, Instant now) {
    update(
        "UPDATE webhook_delivery SET state = 'DELIVERED', settled_at = ?, error = NULL"
            + " WHERE id = ?",
        now,
        delivery.id());
  }

  /** Marks a delivery as failed, unless its lease has expired and another sender has claimed it. */
  void givenUp(PendingDelivery delivery, Instant now, String error) {
    update(
        "UPDATE webhook_delivery SET state = 'FAILED', settled_at = ?, error = ?" + HELD,
        now,
        error,
        delivery.id(),
        delivery.lease());
  }

  /** Reschedules a delivery, unless its lease has expired and another sender has claimed it. */
  void postpone(PendingDelivery delivery, Instant due, String error) {
    update(
        "UPDATE webhook_delivery SET due_at = ?, error = ?" + HELD,
        due,
        error,
        delivery.id(),
        delivery.lease());
  }

  /**
   * Deletes the pending deliveries for all targets except the given ones.
   *
   * @return number of deleted deliveries
   */
  int drop(List<WebhookTarget> others) {
    List<String> keys = others.stream().map(WebhookTarget::key).toList();
    return update(
        "DELETE FROM webhook_delivery WHERE state = 'PENDING'"
            + (keys.isEmpty() ? "" : " AND target NOT IN " + Rows.list(keys.size())),
        keys);
  }

  /** Deletes deliveries that were settled before a time, up to 1000 of each status. */
  void purge(Instant before) {
    for (String state : List.of("DELIVERED", "FAILED")) {
      update(
          "DELETE FROM webhook_delivery WHERE state = ? AND settled_at < ? LIMIT " + PURGED_AT_ONCE,
          state,
          before);
    }
  }

  Counts counts() {
    return transactions.read(
        connection -> new Counts(count(connection, "PENDING"), count(connection, "FAILED")));
  }

  private static long count(Connection connection, String state) throws SQLException {
    return Rows.number(connection, "SELECT COUNT(*) FROM webhook_delivery WHERE state = ?", state);
  }

  private int update(String sql, @Nullable Object... values) {
    return transactions.sql(connection -> Rows.update(connection, sql, values));
  }
}
