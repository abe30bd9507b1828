package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.UndoUsage;
import dev.rowmill.batch.store.ChunkRanges.Recorded;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RangeVerificationTest {

  /** Creates a lane that has processed a number of chunks, each of 10 rows with 5 changes. */
  private static LaneState lane(int number, @Nullable String begin, String end, long chunks) {
    var progress =
        new Progress(
            10 * chunks,
            10 * chunks,
            5 * chunks,
            0L,
            2 * chunks,
            chunks,
            0,
            new UndoUsage(5 * chunks, 9),
            null,
            false);
    return new LaneState(1, number, 1, true, begin, end, end, progress);
  }

  private static Recorded chunk(long id, int lane, @Nullable String from, String to) {
    return new Recorded(new ChunkRange(id, lane, from, to, 10, 5, 2), 5);
  }

  private static Optional<String> message(Optional<Failure> failure) {
    return failure.map(it -> String.valueOf(it.members().get("message")));
  }

  private static Optional<String> ofLanes(LaneState... lanes) {
    return message(RangeVerification.ofLanes(List.of(lanes)));
  }

  @Test
  void contiguous_lanes_in_any_order_are_valid() {
    var random = new Random();
    for (int count = 1; count <= 8; count++) {
      List<LaneState> lanes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        // The first lane always begins at the start of the key; the number and order of the others
        // vary.
        lanes.add(lane(i, i == 0 ? null : "c" + i, "c" + (i + 1), 1));
      }
      Collections.shuffle(lanes, random);
      assertEquals(Optional.empty(), RangeVerification.ofLanes(lanes));
    }
  }

  @Test
  void a_batch_without_rows_is_valid() {
    assertEquals(
        Optional.empty(), ofLanes(new LaneState(1, 0, 1, true, null, null, null, Progress.NONE)));
  }

  @Test
  void gaps_and_overlaps_of_lanes_are_reported() {
    assertEquals(
        Optional.of("lane 1 does not begin at the end of another lane"),
        ofLanes(lane(0, null, "a", 1), lane(1, "b", "c", 1)));
    assertEquals(
        Optional.of("lane 2 begins at the same cursor as another lane"),
        ofLanes(lane(0, null, "a", 1), lane(1, "a", "b", 1), lane(2, "a", "b", 1)));
    assertEquals(
        Optional.of("lane 0 is not complete"),
        ofLanes(new LaneState(1, 0, 1, true, null, "a", "b", Progress.NONE)));
    // A cycle beside the chain.
    assertTrue(
        ofLanes(lane(0, null, "a", 1), lane(1, "b", "c", 1), lane(2, "c", "b", 1)).isPresent());
  }

  @Test
  void lanes_of_an_earlier_version_without_a_begin_are_accepted() {
    assertEquals(Optional.empty(), ofLanes(lane(0, null, "a", 1), lane(1, null, "c", 1)));
  }

  private static Optional<String> ofRecords(boolean must, Recorded... records) {
    var verification =
        new RangeVerification(List.of(lane(0, null, "b", 2), lane(1, "b", "c", 1)), must);
    for (Recorded each : records) {
      Optional<Failure> failure = verification.next(each);
      if (failure.isPresent()) {
        return message(failure);
      }
    }
    return message(verification.end());
  }

  @Test
  void chunks_must_be_contiguous_complete_and_have_the_counted_rows() {
    Recorded first = chunk(1, 0, null, "a");
    Recorded second = chunk(3, 0, "a", "b");
    Recorded other = chunk(2, 1, "b", "c");
    assertEquals(Optional.empty(), ofRecords(true, first, other, second));
    assertEquals(
        Optional.of("the chunks of lane 0 do not reach its end"), ofRecords(true, first, other));
    assertEquals(
        Optional.of("a chunk of lane 0 does not begin at the end of the previous chunk"),
        ofRecords(true, second, other));
    assertEquals(
        Optional.of("a chunk belongs to lane 7, which does not exist"),
        ofRecords(true, first, chunk(4, 7, "b", "c")));
    for (Recorded wrong :
        List.of(
            new Recorded(new ChunkRange(3, 0, "a", "b", 9, 5, 2), 5),
            new Recorded(new ChunkRange(3, 0, "a", "b", 10, 4, 2), 5),
            new Recorded(new ChunkRange(3, 0, "a", "b", 10, 5, 1), 5),
            new Recorded(new ChunkRange(3, 0, "a", "b", 10, 5, 2), 4))) {
      String message = ofRecords(true, first, other, wrong).orElseThrow();
      assertTrue(message.endsWith("the lane counted 20, 10, 4 and 10"), message);
    }
    assertTrue(ofRecords(true).isPresent(), "a batch with undo data has no record");
    assertTrue(ofRecords(false).isPresent(), "stored rows are missing");
  }

  @Test
  void each_skipped_row_of_a_lane_must_be_noted() {
    List<LaneState> lanes = List.of(lane(0, null, "b", 1), lane(1, "b", "c", 2));
    assertEquals(Optional.empty(), RangeVerification.ofNotes(lanes, Map.of(0, 2L, 1, 4L)));
    assertEquals(
        Optional.of("lane 1 skipped 4 rows, but 3 are noted"),
        message(RangeVerification.ofNotes(lanes, Map.of(0, 2L, 1, 3L))));
    assertEquals(
        Optional.of("lane 0 skipped 2 rows, but 0 are noted"),
        message(RangeVerification.ofNotes(lanes, Map.of())));
  }
}
