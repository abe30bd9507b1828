package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
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
 * Relates batches over skipped rows to their sources: the batches that have passed over these rows.
 * Works in the transaction that stores the new batch. Stateless.
 */
final class SkippedSources {

  private static final String UNDONE = "skipped-undone";

  private SkippedSources() {}

  /**
   * Locks the source of a batch that is about to be stored, and checks whether its rows can be
   * retried. Does nothing for other batches.
   *
   * @throws Refusal {@code skipped-not-retryable} when they can't
   * @throws NoSuchElementException when there is no such source
   */
  static void check(Connection connection, BatchSpec spec) throws SQLException {
    SkippedOf rows = spec.work().skipped();
    if (rows == null) {
      return;
    }
    BatchView source =
        BatchRows.lock(connection, rows.batch()).orElseThrow(NoSuchElementException::new);
    String reason = reason(connection, source, rows);
    if (reason != null) {
      throw refusal(source, reason);
    }
  }

  /**
   * Checks whether a batch over skipped rows may run again: it must not change rows of a source
   * that was undone since. Does nothing for other batches.
   *
   * @throws Refusal {@code skipped-not-retryable} when it may not
   */
  static void checkRetry(Connection connection, BatchSpec spec) throws SQLException {
    SkippedOf rows = spec.work().skipped();
    if (rows != null) {
      BatchView source =
          BatchRows.find(connection, rows.batch()).orElseThrow(NoSuchElementException::new);
      if (BatchRetries.undone(connection, source) != null) {
        throw refusal(source, UNDONE);
      }
    }
  }

  private static Refusal refusal(BatchView source, String reason) {
    return new Refusal(
        "skipped-not-retryable",
        Map.of("batch", source.id(), "status", source.status().text()),
        List.of(Reason.of(reason)));
  }

  private static @Nullable String reason(Connection connection, BatchView source, SkippedOf rows)
      throws SQLException {
    if (!source.status().isFinal()) {
      return "skipped-active";
    } else if (source.spec().work().kind() != BatchKind.SQL) {
      return "skipped-task";
    } else if (BatchRetries.undone(connection, source) != null) {
      return UNDONE;
    }
    return SkippedRowList.of(rows).read(connection, 0, Long.MAX_VALUE, 1).isEmpty()
        ? "skipped-none"
        : null;
  }

  /** Stores in the source of a new batch which one it is. Does nothing for other batches. */
  static void name(Connection connection, BatchView stored) throws SQLException {
    SkippedOf rows = stored.spec().work().skipped();
    if (rows != null) {
      Rows.update(
          connection, "UPDATE batch SET skipped_retry = ? WHERE id = ?", stored.id(), rows.batch());
    }
  }
}
