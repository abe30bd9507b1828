package dev.rowmill.batch.store;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the undo data of batches that ended long ago, a few rows at a time, each time by a
 * statement of its own. Safe for many threads. Throws a runtime exception with the SQL error among
 * its causes when the database can't be reached; a later purge deletes the rest.
 */
@ApplicationScoped
public class UndoRetention {

  private static final int ROWS_A_STATEMENT = 50;

  /** Lists the tables that store the undo data of batches. */
  private enum Table {
    CHUNK_RECORD,
    CHUNK_RECORD_PART,
    UNDO_CONFLICT;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Selects the first batch with rows after another batch. Batches are created in the order of
   * their ids, and none ends before it is created. So only younger ones follow the first that is
   * too young, and are not scanned.
   */
  private static final String NEXT =
      "SELECT kept.batch, b.created_at < ?, b.undo_purged IS NOT NULL,"
          + " b.finished_at < ? AND NOT EXISTS (SELECT 1 FROM batch u"
          + " FORCE INDEX (batch_by_status_and_mode) WHERE u.undoes = b.id"
          + " AND u.status IN ('WAITING', 'QUEUED', 'RUNNING', 'PAUSED'))"
          + " FROM (SELECT MIN(batch) AS batch FROM %s WHERE batch > ?) kept"
          + " JOIN batch b ON b.id = kept.batch";

  /**
   * Marks a batch before its data are deleted, unless it was retried meanwhile. So a batch is never
   * taken as undoable when the data of its earlier chunks are gone.
   */
  private static final String MARK =
      "UPDATE batch SET undo_purged = IF(EXISTS (SELECT 1 FROM chunk_record WHERE batch = ?"
          + " AND undone_rows > 0), 'UNDONE', 'PURGED')"
          + " WHERE id = ? AND undo_purged IS NULL AND finished_at < ?";

  private static final String DELETE = "DELETE FROM %s WHERE batch = ? ORDER BY id LIMIT %d";

  private final ControlTransactions transactions;

  UndoRetention(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Deletes the undo data that have expired.
   *
   * @param endedBefore only of batches that ended before this, and that no undo is using
   * @param mayContinue called after each statement, may pause; returns whether to continue
   * @return number of deleted rows
   */
  public long purge(Instant endedBefore, BooleanSupplier mayContinue) {
    long deleted = 0;
    for (Table table : Table.values()) {
      deleted += purge(table, endedBefore, mayContinue);
    }
    return deleted;
  }

  private long purge(Table table, Instant endedBefore, BooleanSupplier mayContinue) {
    long deleted = 0;
    Next next = next(table, endedBefore, 0);
    while (next != null && next.old) {
      long batch = next.batch;
      if (next.purged || (next.due && mark(table, batch, endedBefore))) {
        int rows;
        do {
          rows = delete(table, batch);
          deleted += rows;
          if (rows > 0 && !mayContinue.getAsBoolean()) {
            return deleted;
          }
        } while (rows == ROWS_A_STATEMENT);
      }
      next = next(table, endedBefore, batch);
    }
    return deleted;
  }

  /**
   * Represents a batch that has rows.
   *
   * @param old whether batches after it may have expired
   * @param purged whether some of its undo data were deleted before
   * @param due whether its own rows have expired
   */
  private record Next(long batch, boolean old, boolean purged, boolean due) {}

  /** Returns whether the rows of a batch may be deleted. */
  private boolean mark(Table table, long batch, Instant endedBefore) {
    return table == Table.UNDO_CONFLICT
        || transactions.sql(connection -> Rows.update(connection, MARK, batch, batch, endedBefore))
            == 1;
  }

  private @Nullable Next next(Table table, Instant endedBefore, long behind) {
    return transactions
        .read(
            connection ->
                Rows.first(
                    connection,
                    NEXT.formatted(table.text()),
                    row ->
                        new Next(
                            row.getLong(1),
                            row.getBoolean(2),
                            row.getBoolean(3),
                            row.getBoolean(4)),
                    endedBefore,
                    endedBefore,
                    behind))
        .orElse(null);
  }

  private int delete(Table table, long batch) {
    String delete = DELETE.formatted(table.text(), ROWS_A_STATEMENT);
    return transactions.read(connection -> Rows.update(connection, delete, batch));
  }
}
