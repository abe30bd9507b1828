package dev.rowmill.batch;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Image;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lane's checkpoint: how far it has come, for which run.
 *
 * @param lane number of the lane within its batch, from 0
 * @param epoch the run that may move it
 * @param extentKnown whether the end has been looked for; with no end there was nothing to do
 * @param begin cursor behind which the lane begins; null for the very start
 * @param after cursor of the last row done, or where the lane begins; null before the first row
 * @param end cursor of the last row of the lane's work
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
   * Whether it is known where the lane begins. It isn't of one that an earlier version has cut off
   * from another: the first alone begins at the very start.
   */
  public boolean isBeginKnown() {
    return begin != null || lane == 0;
  }

  /** Whether the last range has reached the end that was found at the start. */
  public boolean isDone() {
    return extentKnown && (end == null || end.equals(after));
  }

  /** The same lane, knowing how far it goes. */
  public LaneState withExtent(Optional<Extent> extent) {
    Long total =
        extent.isEmpty()
            ? Long.valueOf(0)
            : extent.get().rows().isPresent()
                ? Long.valueOf(extent.get().rows().getAsLong())
                : null;
    return new LaneState(
        batch,
        lane,
        epoch,
        true,
        begin,
        after,
        extent.map(Extent::end).orElse(null),
        progress.withTotal(total));
  }

  /** The same lane with fewer rows to go: up to a cursor within its range. */
  public LaneState upTo(String cut, @Nullable Long rowsTotal) {
    return new LaneState(
        batch, lane, epoch, true, begin, after, cut, progress.withTotal(rowsTotal));
  }

  /** A new lane of the same run, for a range of this one. */
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
   * The same lane after one more chunk.
   *
   * @param rowsIgnored null when the server did not tell
   */
  public LaneState after(Chunk chunk, long rowsChanged, @Nullable Long rowsIgnored) {
    return moved(chunk.upTo(), progress.rowsTotal(), chunk.rows(), rowsChanged, rowsIgnored);
  }

  /**
   * The same lane of a batch that ends at the last row that a LIMIT lets through, where it does.
   */
  public LaneState limited(boolean reached) {
    return reached
        ? new LaneState(
            batch, lane, epoch, extentKnown, begin, after, end, progress.withLimitReached())
        : this;
  }

  /** The same lane, further on. */
  public LaneState moved(
      String cursor,
      @Nullable Long rowsTotal,
      long rowsScanned,
      long rowsChanged,
      @Nullable Long rowsIgnored) {
    long scanned = progress.rowsScanned() + rowsScanned;
    // A total is an estimate: at the end it is what was seen.
    Long total = cursor.equals(end) ? Long.valueOf(scanned) : rowsTotal;
    return new LaneState(
        batch,
        lane,
        epoch,
        extentKnown,
        begin,
        cursor,
        end,
        new Progress(
            total,
            scanned,
            progress.rowsChanged() + rowsChanged,
            Progress.sum(progress.rowsIgnored(), rowsIgnored),
            progress.chunks() + 1,
            progress.retries(),
            progress.kept(),
            progress.chunkRows(),
            progress.limitReached()));
  }

  /** The same lane, with more that is kept of its rows. */
  public LaneState keeping(@Nullable Image image) {
    return image == null
        ? this
        : new LaneState(
            batch,
            lane,
            epoch,
            extentKnown,
            begin,
            after,
            end,
            progress.keeping(image.rows(), image.bytes().length));
  }

  /** The same lane with another size of its next chunk. */
  public LaneState withChunkRows(int rows) {
    return new LaneState(
        batch, lane, epoch, extentKnown, begin, after, end, progress.withChunkRows(rows));
  }
}
