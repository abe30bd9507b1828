package dev.rowmill.batch.store;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what was kept for the undo of batches that have ended long ago, a few rows at a time,
 * each time by a statement of its own. Safe for many threads. Throws a runtime exception with the
 * SQL error among its causes when the database can't be reached; then what is left is left for
 * later.
 */
@ApplicationScoped
public class UndoRetention {

  private static final int ROWS_A_STATEMENT = 50;

  /** A table of rows by batch. */
  private enum Table {
    CHUNK_RECORD,
    CHUNK_RECORD_PART,
    UNDO_CONFLICT;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The first batch behind another that has rows. Batches are made in the order of their ids, and
   * none ends before it is made: so the first that is young enough has only younger ones behind it,
   * and what is not due is not looked through.
   */
  private static final String NEXT =
      "SELECT kept.batch, b.created_at < ?,"
          + " b.finished_at < ? AND NOT EXISTS (SELECT 1 FROM batch u"
          + " FORCE INDEX (batch_by_status_and_mode) WHERE u.undoes = b.id"
          + " AND u.status IN ('WAITING', 'QUEUED', 'RUNNING', 'PAUSED'))"
          + " FROM (SELECT MIN(batch) AS batch FROM %s WHERE batch > ?) kept"
          + " JOIN batch b ON b.id = kept.batch";

  private static final String DELETE = "DELETE FROM %s WHERE batch = ? ORDER BY id LIMIT %d";

  private final ControlTransactions transactions;

  UndoRetention(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Deletes what is due.
   *
   * @param endedBefore of batches that ended before this, and that no undo is at
   * @param goOn asked after each statement, perhaps after a rest
   * @return rows deleted
   */
  public long purge(Instant endedBefore, BooleanSupplier goOn) {
    long deleted = 0;
    for (Table table : Table.values()) {
      deleted += purge(table, StoredTime.text(endedBefore), goOn);
    }
    return deleted;
  }

  private long purge(Table table, String endedBefore, BooleanSupplier goOn) {
    long deleted = 0;
    Next next = next(table, endedBefore, 0);
    while (next != null && next.old) {
      long batch = next.batch;
      if (next.due) {
        int rows;
        do {
          rows = delete(table, batch);
          deleted += rows;
          if (rows > 0 && !goOn.getAsBoolean()) {
            return deleted;
          }
        } while (rows == ROWS_A_STATEMENT);
      }
      next = next(table, endedBefore, batch);
    }
    return deleted;
  }

  /**
   * A batch that has rows.
   *
   * @param old whether those behind it may be due
   */
  private record Next(long batch, boolean old, boolean due) {}

  private @Nullable Next next(Table table, String endedBefore, long behind) {
    return transactions
        .<Optional<Next>>read(
            connection -> {
              try (PreparedStatement select =
                  connection.prepareStatement(NEXT.formatted(table.text()))) {
                select.setString(1, endedBefore);
                select.setString(2, endedBefore);
                select.setLong(3, behind);
                try (ResultSet row = select.executeQuery()) {
                  return row.next()
                      ? Optional.of(new Next(row.getLong(1), row.getBoolean(2), row.getBoolean(3)))
                      : Optional.empty();
                }
              }
            })
        .orElse(null);
  }

  private int delete(Table table, long batch) {
    return transactions.read(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(DELETE.formatted(table.text(), ROWS_A_STATEMENT))) {
            delete.setLong(1, batch);
            return delete.executeUpdate();
          }
        });
  }
}
