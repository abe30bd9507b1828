package dev.rowmill.batch;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.Extent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Represents the checkpoint of a lane: its position, and the run that may move it.
 *
 * @param lane number of the lane within its batch, from 0
 * @param epoch run that may move it
 * @param extentKnown whether the end has been determined; without an end there was nothing to do
 * @param begin cursor after which the lane begins; null for the very start
 * @param after cursor of the last processed row, or the beginning of the lane; null before the
 *     first row
 * @param end cursor of the last row of the lane
 */
public record LaneState(
    long batch,
    int lane,
    int epoch,
    boolean extentKnown,
    @Nullable String begin,
    @Nullable String after,
    @Nullable String end,
    Progress progress) {

  /**
   * Returns whether the beginning of the lane is known. It is unknown for a lane that an earlier
   * version split off, as only the first lane begins at the very start.
   */
  public boolean isBeginKnown() {
    return begin != null || lane == 0;
  }

  /** Returns whether the last range has reached the end that was found at the start. */
  public boolean isDone() {
    return extentKnown && (end == null || end.equals(after));
  }

  /** Returns the lane with its end. */
  public LaneState withExtent(Optional<Extent> extent) {
    Long total =
        extent.isEmpty()
            ? Long.valueOf(0)
            : extent.get().rows().isPresent()
                ? Long.valueOf(extent.get().rows().getAsLong())
                : null;
    return upTo(extent.map(Extent::end).orElse(null), total);
  }

  /** Returns the lane with a smaller range, up to a cursor within it. */
  public LaneState upTo(@Nullable String cut, @Nullable Long rowsTotal) {
    return new LaneState(
        batch, lane, epoch, true, begin, after, cut, progress.withTotal(rowsTotal));
  }

  /** Returns a new lane of the same run, for a part of this range. */
  public LaneState another(int number, String from, @Nullable String to, @Nullable Long rowsTotal) {
    return new LaneState(
        batch,
        number,
        epoch,
        true,
        from,
        from,
        to,
        Progress.NONE.withTotal(rowsTotal).withChunkRows(progress.chunkRows()));
  }

  /**
   * Returns the lane after one more chunk.
   *
   * @param rowsIgnored null if the server did not report them
   */
  public LaneState after(Chunk chunk, long rowsChanged, @Nullable Long rowsIgnored) {
    return moved(chunk.upTo(), progress.rowsTotal(), chunk.rows(), rowsChanged, rowsIgnored);
  }

  /**
   * Returns the lane of a batch that ends at the last row within its LIMIT, if the LIMIT was
   * reached.
   */
  public LaneState limited(boolean reached) {
    return reached ? at(after, progress.withLimitReached()) : this;
  }

  /** Returns the lane at a later position. */
  public LaneState moved(
      String cursor,
      @Nullable Long rowsTotal,
      long rowsScanned,
      long rowsChanged,
      @Nullable Long rowsIgnored) {
    long scanned = progress.rowsScanned() + rowsScanned;
    // The total is an estimate: at the end it is the number of scanned rows.
    Long total = cursor.equals(end) ? Long.valueOf(scanned) : rowsTotal;
    return at(
        cursor,
        new Progress(
            total,
            scanned,
            progress.rowsChanged() + rowsChanged,
            Progress.sum(progress.rowsIgnored(), rowsIgnored),
            progress.rowsSkipped(),
            progress.chunks() + 1,
            progress.retries(),
            progress.undo(),
            progress.chunkRows(),
            progress.limitReached()));
  }

  /** Returns the lane with further undo images. */
  public LaneState layout(UndoUsage images) {
    return at(after, progress.layout(images.rows(), images.bytes()));
  }

  /** Returns the lane with further rows that were passed over. */
  public LaneState skipping(long rows) {
    return rows == 0 ? this : at(after, progress.withSkipped(rows));
  }

  /** Returns the lane with another size of its next chunk. */
  public LaneState withChunkRows(int rows) {
    return at(after, progress.withChunkRows(rows));
  }

  private LaneState at(@Nullable String cursor, Progress now) {
    return new LaneState(batch, lane, epoch, extentKnown, begin, cursor, end, now);
  }
}
