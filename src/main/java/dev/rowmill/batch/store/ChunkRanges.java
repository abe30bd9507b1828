package dev.rowmill.batch.store;

import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ranges of a batch's chunks, and verifies at its end that they cover all planned work.
 * Reads on the control pool, in short queries; safe for many threads. Throws a runtime exception
 * with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class ChunkRanges {

  private static final int RECORDS_A_QUERY = 1000;

  private static final String RECORDS =
      "SELECT id, lane, after_cursor, upto_cursor, rows_scanned, rows_changed, rows_skipped,"
          + " image_rows"
          + " FROM chunk_record FORCE INDEX (chunk_record_of_batch)"
          + " WHERE batch = ? AND id > ? ORDER BY batch, id LIMIT ?";

  /** Selects the ranges of lanes that have done chunks; plain tasks have no ranges. */
  private static final String LANES =
      "SELECT lane + 1, lane, begin_cursor, after_cursor, rows_scanned, rows_changed, rows_skipped, 0"
          + " FROM lane WHERE batch = ? AND lane >= ? AND extent_known AND chunks > 0 ORDER BY lane LIMIT ?";

  /** Holds a range, and the number of rows in its undo image. */
  record Recorded(ChunkRange range, long undoRows) {}

  private final ControlTransactions transactions;

  ChunkRanges(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Returns a page of a batch's ranges. With undo images these are the ranges of its chunks, in the
   * order of their commits. Otherwise they are the finished ranges of its lanes.
   *
   * @param after only ranges with higher ids
   * @param limit maximum number of items
   */
  public Page<ChunkRange> list(long batch, long after, int limit) {
    List<ChunkRange> found =
        transactions.read(
            connection -> {
              boolean recorded = !read(connection, RECORDS, batch, 0, 1).isEmpty();
              return read(connection, recorded ? RECORDS : LANES, batch, after, limit + 1).stream()
                  .map(Recorded::range)
                  .toList();
            });
    return Page.of(found, limit, ChunkRange::id);
  }

  /** Returns the checkpoints of all lanes of a batch, by their numbers. */
  public List<LaneState> lanes(long batch) {
    return transactions.read(connection -> Checkpoints.lanes(connection, batch));
  }

  /**
   * Compares the finished work of a batch with the planned work. The work of one lane in one chunk
   * was committed atomically, so nothing needs to be read for it.
   *
   * @param lanes all lanes of the run, finished
   * @return reason why the batch must not count as succeeded; empty where the verification passes
   */
  public Optional<Failure> verify(Claim claim, Collection<LaneState> lanes) {
    boolean keepsUndo = claim.batch().safeguards().keep() != UndoPolicy.NO;
    boolean oneChunk =
        lanes.size() == 1 && lanes.stream().allMatch(lane -> lane.progress().chunks() <= 1);
    boolean skips = claim.batch().safeguards().skipsRows();
    if (skips) {
      Optional<Failure> failure =
          transactions.read(
              connection ->
                  RangeVerification.ofNotes(
                      Checkpoints.lanes(connection, claim.batch().id()),
                      SkippedRows.counts(connection, claim.batch().id())));
      if (failure.isPresent()) {
        return failure;
      }
    }
    if (lanes.isEmpty() || oneChunk || (lanes.size() == 1 && !keepsUndo)) {
      return RangeVerification.ofLanes(lanes);
    }
    return transactions.read(
        connection -> {
          List<LaneState> stored = Checkpoints.lanes(connection, claim.batch().id());
          Optional<Failure> failure = RangeVerification.ofLanes(stored);
          return failure.isPresent() || !keepsUndo ? failure : ofRecords(connection, claim, stored);
        });
  }

  private static Optional<Failure> ofRecords(
      Connection connection, Claim claim, List<LaneState> lanes) throws SQLException {
    var verification =
        new RangeVerification(lanes, claim.batch().safeguards().keep() == UndoPolicy.YES);
    long after = 0;
    List<Recorded> records;
    do {
      records = read(connection, RECORDS, claim.batch().id(), after, RECORDS_A_QUERY);
      for (Recorded each : records) {
        Optional<Failure> failure = verification.next(each);
        if (failure.isPresent()) {
          return failure;
        }
        after = each.range().id();
      }
    } while (records.size() == RECORDS_A_QUERY);
    return verification.end();
  }

  private static List<Recorded> read(
      Connection connection, String sql, long batch, long after, int limit) throws SQLException {
    return Rows.query(
        connection,
        sql,
        row ->
            new Recorded(
                new ChunkRange(
                    row.getLong(1),
                    row.getInt(2),
                    row.getString(3),
                    text(row.getString(4)),
                    row.getLong(5),
                    row.getLong(6),
                    row.getLong(7)),
                row.getLong(8)),
        batch,
        after,
        limit);
  }

  private static String text(@Nullable String cursor) {
    return cursor == null ? "" : cursor;
  }
}
