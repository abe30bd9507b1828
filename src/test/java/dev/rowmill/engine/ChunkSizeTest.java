package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.ThrottleLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChunkSizeTest {

  private static BatchSettings settings(Integer rows, Integer targetMillis) {
    return new BatchSettings(rows, targetMillis, 1, ThrottleLimits.NONE);
  }

  private static Duration micros(long micros) {
    return Duration.ofNanos(micros * 1000);
  }

  /** Runs chunks in which each row takes a time. */
  private static void run(ChunkSize size, int chunks, double microsARow) {
    for (int i = 0; i < chunks; i++) {
      int rows = size.rows();
      size.done(rows, micros((long) (rows * microsARow)));
    }
  }

  @Test
  void rows_without_a_target_are_fixed() {
    var size = new ChunkSize(settings(700, null), null, 1000);
    run(size, 20, 1000);
    assertEquals(700, size.rows());
    assertFalse(size.hasLearned());
  }

  @Test
  void the_size_approaches_the_target_by_steps_of_a_fifth() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    for (int rows = 1000; rows < 20_000; rows = size.rows()) {
      run(size, 1, 2.5);
      assertTrue(size.rows() <= rows * 1.2 + 1, () -> "grew to " + size.rows());
      assertTrue(size.rows() > rows, "did not grow");
    }
    run(size, 5, 2.5);
    assertEquals(20_000, size.rows(), 20);
    assertTrue(size.hasLearned());
  }

  @Test
  void a_chunk_that_took_more_than_twice_its_time_makes_the_next_one_smaller_at_once() {
    var size = new ChunkSize(settings(null, 50), 20_000, 1000);
    run(size, 1, 25);
    assertEquals(2000, size.rows());
  }

  @Test
  void one_slow_chunk_within_bounds_counts_only_in_part() {
    var size = new ChunkSize(settings(null, 50), 20_000, 1000);
    run(size, 5, 2.5);
    run(size, 1, 4);
    assertTrue(size.rows() > 15_000 && size.rows() < 20_000, () -> "is " + size.rows());
  }

  @Test
  void the_size_stays_within_its_bounds() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    run(size, 100, 0.001);
    assertEquals(ChunkSize.MAX_ROWS, size.rows());
    run(size, 100, 1_000_000);
    assertEquals(ChunkSize.FEWEST_ROWS, size.rows());
  }

  @Test
  void a_chunk_that_spanned_fewer_rows_than_it_could_does_not_make_the_next_larger() {
    var size = new ChunkSize(settings(null, 50), 1000, 1000);
    size.done(10, micros(10));
    assertEquals(1000, size.rows());
  }

  @Test
  void rows_and_a_target_begin_with_the_rows_and_follow_the_target() {
    var size = new ChunkSize(settings(100, 50), null, 1000);
    assertEquals(100, size.rows());
    run(size, 1, 1);
    assertEquals(120, size.rows());
  }

  @Test
  void a_later_run_begins_with_the_size_of_the_earlier_one() {
    assertEquals(5000, new ChunkSize(settings(100, 50), 5000, 1000).rows());
    assertEquals(100, new ChunkSize(settings(100, null), 5000, 1000).rows());
    assertEquals(5000, new ChunkSize(settings(null, 50), 5000, 1000).rows());
  }

  @Test
  void an_error_halves_the_size_temporarily() {
    var size = new ChunkSize(settings(1000, null), null, 1000);
    size.halve(1000);
    size.halve(500);
    assertEquals(250, size.rows());
    assertEquals(1000, size.lasting());
    run(size, 1, 1);
    assertEquals(500, size.rows());
    run(size, 1, 1);
    assertEquals(1000, size.rows());
    size.halve(3);
    assertEquals(1, size.rows());
  }

  @Test
  void changed_settings_hold_from_the_next_chunk_on() {
    var size = new ChunkSize(settings(null, 50), 4000, 1000);
    size.change(settings(300, null));
    run(size, 3, 1);
    assertEquals(300, size.rows());
    size.change(settings(null, 20));
    assertEquals(300, size.rows());
    run(size, 1, 1);
    assertEquals(360, size.rows());
  }

  @Test
  void a_size_that_follows_time_stays_below_a_two_hundredth_of_the_rows() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    size.over(1_000_000L);
    run(size, 30, 5);
    assertEquals(5000, size.rows());
    assertEquals(5000, size.lasting());
  }

  @Test
  void a_size_that_takes_15_milliseconds_may_exceed_that_share() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    size.over(500_000L);
    run(size, 30, 3);
    assertEquals(5000, size.rows());
    assertEquals(5000, size.lasting());
    run(size, 30, 7);
    assertEquals(2500, size.rows(), "the share");
  }

  @Test
  void a_further_lane_begins_with_the_time_of_a_row_on_another_one() {
    var size = new ChunkSize(settings(null, 50), 5000, 1000);
    size.over(500_000L);
    assertEquals(2500, size.rows());
    size.assume(3000);
    assertEquals(5000, size.rows());
  }

  @Test
  void a_size_that_may_exceed_the_share_stays_within_the_target() {
    var size = new ChunkSize(settings(null, 4), null, 1000);
    size.over(100_000L);
    run(size, 30, 2);
    assertEquals(2000, size.rows());
  }

  @Test
  void all_lanes_together_stay_below_that_share() {
    var size = new ChunkSize(new BatchSettings(null, 50, 4, ThrottleLimits.NONE), null, 1000);
    size.over(1_000_000L);
    run(size, 30, 15);
    assertEquals(1250, size.rows());
  }

  @Test
  void the_size_of_an_earlier_batch_is_limited_by_the_rows_of_this_one() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    size.over(1_000_000L);
    size.begin(20_000);
    assertEquals(5000, size.rows());
    assertEquals(5000, new ChunkSize(settings(null, 50), 5000, 1000).rows(), "total unknown");
  }

  @Test
  void a_small_table_is_not_changed_in_smaller_chunks_than_the_first() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    size.over(2000L);
    run(size, 10, 20);
    assertEquals(1000, size.rows());
  }

  @Test
  void requested_rows_are_not_limited_to_a_share() {
    var fixed = new ChunkSize(settings(20_000, null), null, 1000);
    fixed.over(10_000L);
    assertEquals(20_000, fixed.rows());
    var first = new ChunkSize(settings(20_000, 50), null, 1000);
    first.over(10_000L);
    run(first, 10, 1);
    assertEquals(20_000, first.rows(), "the first chunk's share limits the others");
  }

  @Test
  void the_share_follows_the_settings() {
    var size = new ChunkSize(settings(null, 50), null, 1000);
    size.over(4_000_000L);
    run(size, 30, 2);
    assertEquals(20_000, size.rows());
    size.change(new BatchSettings(null, 50, 2, ThrottleLimits.NONE));
    assertEquals(10_000, size.rows());
  }
}
