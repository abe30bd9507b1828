package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.SkippedOf;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Relates undos, and batches over skipped rows, to their sources: the batches that have changed or
 * skipped these rows. A source is not undone while its skipped rows are retried, and they are not
 * retried after that: the statement would change only some of its rows. Works in the transaction
 * that stores the new batch, or its retry, and locks the source. Stateless.
 */
final class Sources {

  /** Selects the batches that have not ended. */
  static final String ACTIVE = "status IN ('SCHEDULED', 'WAITING', 'QUEUED', 'RUNNING', 'PAUSED')";

  /** Begins with the statuses, so its cost does not grow with the history of the project. */
  private static final String ACTIVE_OF_PROJECT =
      "SELECT id FROM batch FORCE INDEX (batch_by_project_status_and_mode) WHERE project = ? AND "
          + ACTIVE
          + " AND ";

  private static final String ACTIVE_UNDO = ACTIVE_OF_PROJECT + "undoes = ?";
  private static final String ACTIVE_RETRY = ACTIVE_OF_PROJECT + "skipped_of = ? LIMIT 1";

  private Sources() {}

  /**
   * Checks a batch that is about to be stored.
   *
   * @throws Refusal {@code skipped-not-retryable} or {@code not-undoable}
   * @throws NoSuchElementException when there is no such source
   */
  static void check(Connection connection, BatchWork work) throws SQLException {
    checkAgain(connection, work);
    SkippedOf rows = work.skipped();
    if (rows != null) {
      BatchView source = lock(connection, rows.batch());
      if (!source.status().isFinal()) {
        throw notRetryable(source, "skipped-active");
      } else if (source.spec().work().kind() != BatchKind.SQL) {
        throw notRetryable(source, "skipped-task");
      } else if (SkippedRowList.of(rows).read(connection, 0, Long.MAX_VALUE, 1).isEmpty()) {
        throw notRetryable(source, "skipped-none");
      }
    }
  }

  /**
   * Checks a batch that is about to be retried.
   *
   * @throws Refusal {@code skipped-not-retryable} or {@code not-undoable}
   */
  static void checkAgain(Connection connection, BatchWork work) throws SQLException {
    SkippedOf rows = work.skipped();
    Long undoes = work.undoes();
    if (rows != null) {
      BatchView source = lock(connection, rows.batch());
      if (undone(connection, source) != null) {
        throw notRetryable(source, "skipped-undone");
      }
    } else if (undoes != null) {
      BatchView source = lock(connection, undoes);
      if (hasActiveRetry(connection, source)) {
        throw new Refusal(
            "not-undoable",
            Map.of(
                "batch",
                undoes,
                "status",
                source.status().text(),
                "reason",
                "skipped-retry-active"));
      }
    }
  }

  private static BatchView lock(Connection connection, long source) throws SQLException {
    return BatchRows.lock(connection, source).orElseThrow(NoSuchElementException::new);
  }

  private static Refusal notRetryable(BatchView source, String reason) {
    return new Refusal(
        "skipped-not-retryable",
        Map.of("batch", source.id(), "status", source.status().text()),
        List.of(Reason.of(reason)));
  }

  /**
   * Returns why a locked batch counts as undone: {@code undone}, {@code undone-in-part} or {@code
   * undo-active}; null where none of its rows was restored.
   */
  static @Nullable String undone(Connection connection, BatchView batch) throws SQLException {
    if (batch.undoneBy() != null) {
      return "undone";
    } else if (hasActiveUndo(connection, batch, "")) {
      return "undo-active";
    }
    // An undo that ends after the first query holds the project until then, and so this retry off.
    return purged(connection, batch.id()).equals("UNDONE")
            || isFound(
                connection,
                "SELECT 1 FROM chunk_record WHERE batch = ? AND undone_rows > 0 LIMIT 1",
                batch.id())
        ? "undone-in-part"
        : null;
  }

  /** Returns what was purged of the undo data of a batch; empty for nothing. */
  static String purged(Connection connection, long batch) throws SQLException {
    return Rows.first(
            connection,
            "SELECT COALESCE(undo_purged, '') FROM batch WHERE id = ?",
            row -> row.getString(1),
            batch)
        .orElseThrow();
  }

  /**
   * Returns whether an undo of a batch is active.
   *
   * @param which further condition for the undo; empty for none
   */
  static boolean hasActiveUndo(Connection connection, BatchView batch, String which)
      throws SQLException {
    return isFound(connection, ACTIVE_UNDO + which, batch.project(), batch.id());
  }

  /** Returns whether a retry of the rows that a batch has skipped is active. */
  static boolean hasActiveRetry(Connection connection, BatchView batch) throws SQLException {
    return isFound(connection, ACTIVE_RETRY, batch.project(), batch.id());
  }

  static boolean isFound(Connection connection, String sql, Object... values) throws SQLException {
    return Rows.first(connection, sql, row -> true, values).isPresent();
  }

  /** Stores in the source of a new batch which one retries its skipped rows. */
  static void name(Connection connection, BatchView stored) throws SQLException {
    SkippedOf rows = stored.spec().work().skipped();
    if (rows != null) {
      Rows.update(
          connection, "UPDATE batch SET skipped_retry = ? WHERE id = ?", stored.id(), rows.batch());
    }
  }
}
