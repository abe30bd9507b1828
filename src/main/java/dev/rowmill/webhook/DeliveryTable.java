package dev.rowmill.webhook;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
   * Adds a delivery for each batch and target, in the caller's transaction. Existing ones stay
   * unchanged.
   */
  static void add(
      Connection connection,
      Collection<Long> batches,
      Collection<WebhookTarget> targets,
      Instant now)
      throws SQLException {
    int rows = batches.size() * targets.size();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO webhook_delivery (target, batch, state, created_at, due_at) VALUES "
                + String.join(", ", Collections.nCopies(rows, "(?, ?, 'PENDING', ?, ?)"))
                // A transaction whose commit was not acknowledged is repeated.
                + " ON DUPLICATE KEY UPDATE attempts = attempts")) {
      int i = 0;
      for (Long batch : batches) {
        for (WebhookTarget target : targets) {
          insert.setString(++i, target.key());
          insert.setLong(++i, batch);
          insert.setString(++i, StoredTime.text(now));
          insert.setString(++i, StoredTime.text(now));
        }
      }
      insert.executeUpdate();
    }
  }

  /**
   * Claims the delivery that has been due longest. No other sender gets it before the lease
   * expires. A delivery that is not settled before that is due again.
   */
  Optional<PendingDelivery> claim(WebhookTarget target, Instant now, Instant lease) {
    return transactions.sql(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT id, batch, attempts, CAST(created_at AS CHAR), CAST(due_at AS CHAR)"
                          + " FROM webhook_delivery WHERE target = ? AND state = 'PENDING'"
                          + " AND due_at <= ? ORDER BY due_at LIMIT 1");
              PreparedStatement update =
                  connection.prepareStatement(
                      "UPDATE webhook_delivery SET due_at = ?, attempts = attempts + 1"
                          + " WHERE id = ? AND state = 'PENDING' AND due_at = ?")) {
            select.setString(1, target.key());
            select.setString(2, StoredTime.text(now));
            try (ResultSet row = select.executeQuery()) {
              if (!row.next()) {
                return Optional.empty();
              }
              var delivery =
                  new PendingDelivery(
                      row.getLong(1),
                      row.getLong(2),
                      row.getInt(3) + 1,
                      StoredTime.time(row.getString(4)),
                      lease);
              update.setString(1, StoredTime.text(lease));
              update.setLong(2, delivery.id());
              update.setString(3, row.getString(5));
              return update.executeUpdate() == 1 ? Optional.of(delivery) : Optional.empty();
            }
          }
        });
  }

  /**
   * Marks a delivery as delivered. This holds even if the lease has expired and another sender has
   * claimed it, because the target has accepted it.
   */
  void delivered(PendingDelivery delivery, Instant now) {
    update(
        "UPDATE webhook_delivery SET state = 'DELIVERED', settled_at = ?, error = NULL"
            + " WHERE id = ?",
        StoredTime.text(now),
        delivery.id());
  }

  /** Marks a delivery as failed, unless its lease has expired and another sender has claimed it. */
  void givenUp(PendingDelivery delivery, Instant now, String error) {
    update(
        "UPDATE webhook_delivery SET state = 'FAILED', settled_at = ?, error = ?" + HELD,
        StoredTime.text(now),
        error,
        delivery.id(),
        StoredTime.text(delivery.lease()));
  }

  /** Reschedules a delivery, unless its lease has expired and another sender has claimed it. */
  void postpone(PendingDelivery delivery, Instant due, String error) {
    update(
        "UPDATE webhook_delivery SET due_at = ?, error = ?" + HELD,
        StoredTime.text(due),
        error,
        delivery.id(),
        StoredTime.text(delivery.lease()));
  }

  /**
   * Deletes the pending deliveries for all targets except the given ones.
   *
   * @return number of deleted deliveries
   */
  int drop(List<WebhookTarget> others) {
    List<Object> keys = new ArrayList<>();
    others.forEach(target -> keys.add(target.key()));
    return update(
        "DELETE FROM webhook_delivery WHERE state = 'PENDING'"
            + (keys.isEmpty()
                ? ""
                : " AND target NOT IN ("
                    + String.join(", ", Collections.nCopies(keys.size(), "?"))
                    + ")"),
        keys.toArray());
  }

  /** Deletes deliveries that were settled before a time, up to 1000 of each status. */
  void purge(Instant before) {
    for (String state : List.of("DELIVERED", "FAILED")) {
      update(
          "DELETE FROM webhook_delivery WHERE state = ? AND settled_at < ? LIMIT " + PURGED_AT_ONCE,
          state,
          StoredTime.text(before));
    }
  }

  Counts counts() {
    return transactions.read(
        connection -> new Counts(count(connection, "PENDING"), count(connection, "FAILED")));
  }

  private static long count(Connection connection, String state) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT COUNT(*) FROM webhook_delivery WHERE state = ?")) {
      select.setString(1, state);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private int update(String sql, @Nullable Object... values) {
    return transactions.sql(
        connection -> {
          try (PreparedStatement update = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
              update.setObject(i + 1, values[i]);
            }
            return update.executeUpdate();
          }
        });
  }
}
