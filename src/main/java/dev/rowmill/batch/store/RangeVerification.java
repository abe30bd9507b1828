package dev.rowmill.batch.store;

import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.store.ChunkRanges.Recorded;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Verifies that the ranges of an ended batch follow one another without a gap or an overlap, and
 * match the counts of its lanes. Cursors are only compared for equality. Takes the chunks in the
 * order of their commits. Does not access the database; for one thread.
 */
final class RangeVerification {

  /** Sums up the records of one lane. */
  private static final class Chain {
    final LaneState lane;
    @Nullable String at;
    long scanned;
    long changed;
    long skipped;
    long undoRows;

    Chain(LaneState lane) {
      this.lane = lane;
      this.at = lane.begin();
    }
  }

  private final Map<Integer, Chain> chains = new TreeMap<>();
  private final boolean recorded;
  private boolean any;

  /**
   * Begins the verification of a batch.
   *
   * @param lanes all lanes of the batch
   * @param recorded whether each chunk must have a record; otherwise there may be none at all
   */
  RangeVerification(Collection<LaneState> lanes, boolean recorded) {
    lanes.forEach(lane -> chains.put(lane.lane(), new Chain(lane)));
    this.recorded = recorded;
  }

  /**
   * Verifies that the lanes cover the whole range from the very start, each from its begin to its
   * end.
   */
  static Optional<Failure> ofLanes(Collection<LaneState> lanes) {
    Map<@Nullable String, LaneState> byBegin = new HashMap<>();
    for (LaneState lane : lanes) {
      if (!lane.isDone()) {
        return failure("lane %d is not complete", lane, lane.after(), lane.end());
      }
      if (!lane.isBeginKnown()) {
        return Optional.empty();
      }
      if (byBegin.put(lane.begin(), lane) != null) {
        return failure(
            "lane %d begins at the same cursor as another lane", lane, lane.begin(), lane.end());
      }
    }
    LaneState last = byBegin.remove(null);
    while (last != null && last.end() != null) {
      last = byBegin.remove(last.end());
    }
    return byBegin.values().stream()
        .findFirst()
        .flatMap(
            lane ->
                failure(
                    "lane %d does not begin at the end of another lane",
                    lane, lane.begin(), lane.end()));
  }

  /**
   * Verifies that each row that a lane has passed over is noted.
   *
   * @param notes number of notes by lane
   */
  static Optional<Failure> ofNotes(Collection<LaneState> lanes, Map<Integer, Long> notes) {
    for (LaneState lane : lanes) {
      long noted = notes.getOrDefault(lane.lane(), 0L);
      if (noted != lane.progress().rowsSkipped()) {
        return failure(
            "lane %%d skipped %d rows, but %d are noted"
                .formatted(lane.progress().rowsSkipped(), noted),
            lane,
            lane.begin(),
            lane.end());
      }
    }
    return Optional.empty();
  }

  /** Verifies the record of the next chunk. */
  Optional<Failure> next(Recorded each) {
    any = true;
    ChunkRange range = each.range();
    Chain chain = chains.get(range.lane());
    if (chain == null) {
      return failure(
          "a chunk belongs to lane %d, which does not exist",
          range.lane(), range.from(), range.to());
    }
    if (!Objects.equals(range.from(), chain.at)) {
      return failure(
          "a chunk of lane %d does not begin at the end of the previous chunk",
          range.lane(), range.from(), range.to());
    }
    chain.at = range.to();
    chain.scanned += range.rowsScanned();
    chain.changed += range.rowsChanged();
    chain.skipped += range.rowsSkipped();
    chain.undoRows += each.undoRows();
    return Optional.empty();
  }

  /** Ends the verification after the last chunk. */
  Optional<Failure> end() {
    if (!any && !recorded && chains.values().stream().allMatch(RangeVerification::storedNothing)) {
      return Optional.empty();
    }
    for (Chain chain : chains.values()) {
      LaneState lane = chain.lane;
      if (!Objects.equals(chain.at, lane.end())) {
        return failure("the chunks of lane %d do not reach its end", lane, chain.at, lane.end());
      }
      Progress counted = lane.progress();
      if (chain.scanned != counted.rowsScanned()
          || chain.changed != counted.rowsChanged()
          || chain.skipped != counted.rowsSkipped()
          || chain.undoRows != counted.undo().rows()) {
        return failure(
            ("the chunks of lane %%d scanned %d rows, changed %d, skipped %d and stored %d; the"
                    + " lane counted %d, %d, %d and %d")
                .formatted(
                    chain.scanned,
                    chain.changed,
                    chain.skipped,
                    chain.undoRows,
                    counted.rowsScanned(),
                    counted.rowsChanged(),
                    counted.rowsSkipped(),
                    counted.undo().rows()),
            lane,
            lane.begin(),
            lane.end());
      }
    }
    return Optional.empty();
  }

  private static boolean storedNothing(Chain chain) {
    return chain.lane.progress().undo().rows() == 0;
  }

  /**
   * Returns a failure for a lane.
   *
   * @param message with a placeholder for the lane
   */
  private static Optional<Failure> failure(
      String message, LaneState lane, @Nullable String from, @Nullable String to) {
    return failure(message, lane.lane(), from, to);
  }

  private static Optional<Failure> failure(
      String message, int lane, @Nullable String from, @Nullable String to) {
    Map<String, Object> range = new LinkedHashMap<>();
    range.put("lane", lane);
    range.put("from", from);
    range.put("to", to);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("message", message.replace("%d", String.valueOf(lane)));
    members.put("range", range);
    return Optional.of(new Failure("verification-failed", members, List.of()));
  }
}
