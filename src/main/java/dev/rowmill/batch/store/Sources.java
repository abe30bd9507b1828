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
import java.util.Set;
import java.util.TreeSet;
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

  private Sources() {}

  /**
   * Checks a batch that is about to be stored.
   *
   * @throws Refusal {@code skipped-not-retryable} or {@code not-undoable}
   * @throws NoSuchElementException when there is no such source
   */
  static void check(Connection connection, BatchWork work) throws SQLException {
    SkippedOf rows = work.skipped();
    Long undoes = work.undoes();
    if (undoes != null) {
      UndoSources.check(connection, undoes);
    } else if (rows != null) {
      UndoSources.lockChainOfStep(connection, rows.batch());
      BatchView source = lockNotUndone(connection, rows);
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
   * Checks a batch that is about to be retried, whose row is locked. The caller has locked the
   * chain of its source before ({@link UndoSources#lockChainOf}).
   *
   * @throws Refusal {@code skipped-not-retryable} or {@code not-undoable}
   */
  static void checkAgain(Connection connection, BatchView batch) throws SQLException {
    SkippedOf rows = batch.spec().work().skipped();
    if (rows != null) {
      lockNotUndone(connection, rows);
    } else {
      UndoSources.checkRetry(connection, batch);
    }
  }

  private static BatchView lockNotUndone(Connection connection, SkippedOf rows)
      throws SQLException {
    BatchView source = UndoSources.lockSource(connection, rows.batch());
    if (undone(connection, source) != null) {
      throw notRetryable(source, "skipped-undone");
    }
    return source;
  }

  private static Refusal notRetryable(BatchView source, String reason) {
    return new Refusal(
        "skipped-not-retryable",
        Map.of("batch", source.id(), "status", source.status().text()),
        List.of(Reason.of(reason)));
  }

  /**
   * Returns why a locked batch counts as undone, by itself or with its chain: {@code undone},
   * {@code undone-in-part} or {@code undo-active}; null where none of these rows was restored.
   */
  static @Nullable String undone(Connection connection, BatchView batch) throws SQLException {
    if (batch.undoneBy() != null) {
      return "undone";
    } else if (hasActiveUndo(connection, batch, "")) {
      return "undo-active";
    }
    // An undo that ends after the first query holds the project until then, and so this retry off.
    if (purged(connection, batch.id()).equals("UNDONE")
        || isFound(
            connection,
            "SELECT 1 FROM chunk_record WHERE batch = ? AND undone_rows > 0 LIMIT 1",
            batch.id())) {
      return "undone-in-part";
    }
    return batch.step() == null ? null : UndoSources.undone(connection, batch.step());
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
    return isFound(
        connection,
        "SELECT 1 FROM batch WHERE undoes = ? AND " + ACTIVE + which + " LIMIT 1",
        batch.id());
  }

  /** Returns the batches of whose skipped rows an active batch retries some. */
  static Set<Long> withActiveRetry(Connection connection, List<BatchView> batches)
      throws SQLException {
    Set<String> projects = new TreeSet<>();
    batches.forEach(batch -> projects.add(batch.project()));
    return Set.copyOf(
        Rows.query(
            connection,
            // Selects by the statuses, so its cost does not grow with the history of the projects.
            "SELECT DISTINCT skipped_of FROM batch FORCE INDEX (batch_by_project_status_and_mode)"
                + " WHERE project IN "
                + Rows.list(projects.size())
                + " AND "
                + ACTIVE
                + " AND skipped_of IN "
                + Rows.list(batches.size()),
            row -> row.getLong(1),
            projects,
            batches.stream().map(BatchView::id).toList()));
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
