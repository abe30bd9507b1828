package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class AutomaticLanesTest {

  private static final long CHUNK = 1000;

  private final AutomaticLanes automatic = new AutomaticLanes();
  private final List<String> changes = new ArrayList<>();
  private long now = 1_000_000_000;
  private long left = Long.MAX_VALUE;
  private BooleanSupplier mayAdd = () -> true;
  private IntToLongFunction commitMillis = lanes -> 1;

  /**
   * Runs chunks for some time.
   *
   * @param speed rows per second of all lanes together, by their number
   */
  private void run(Duration time, IntToDoubleFunction speed) {
    long end = now + time.toNanos();
    for (int i = 0; now < end; i++) {
      int lanes = automatic.lanes();
      now += (long) (CHUNK * 1e9 / speed.applyAsDouble(lanes));
      record(
          automatic.chunkDone(
              now,
              i % lanes,
              CHUNK,
              Duration.ofMillis(commitMillis.applyAsLong(lanes)),
              left,
              mayAdd));
    }
  }

  private void record(Optional<AutomaticLanes.Change> change) {
    change.ifPresent(
        it -> {
          assertEquals(it.lanes(), automatic.lanes());
          changes.add(it.lanes() + " " + it.reason());
        });
  }

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  /** Returns the speed where further lanes use free cores, up to their number. */
  private static IntToDoubleFunction cores(int cores) {
    return lanes -> 100_000.0 * Math.min(lanes, cores);
  }

  @Test
  void it_begins_with_one_lane_and_tries_the_second_within_a_tenth_of_a_second() {
    run(millis(50), cores(2));
    assertEquals(1, automatic.lanes());
    run(millis(20), cores(2));
    assertEquals(2, automatic.lanes());
  }

  @Test
  void lanes_are_added_while_the_speed_rises() {
    run(millis(1500), cores(4));
    assertEquals(4, automatic.lanes());
    assertEquals(
        List.of("2 trial", "3 trial", "4 trial", "5 trial", "4 no-gain"), changes.subList(0, 5));
  }

  @Test
  void after_a_modest_gain_it_waits_before_the_next_trial() {
    IntToDoubleFunction modest = lanes -> 100_000 * Math.min(1 + 0.3 * (lanes - 1), 1.3);
    run(millis(500), modest);
    assertEquals(List.of("2 trial"), changes);
    run(millis(600), modest);
    assertEquals(List.of("2 trial", "3 trial", "2 no-gain"), changes);
  }

  @Test
  void there_are_never_more_than_the_most() {
    run(Duration.ofSeconds(10), cores(100));
    assertEquals(AutomaticLanes.MOST, automatic.lanes());
  }

  @Test
  void a_small_gain_is_none() {
    run(millis(500), lanes -> lanes == 1 ? 100_000 : 108_000);
    assertEquals(List.of("2 trial", "1 no-gain"), changes);
  }

  @Test
  void a_gain_must_be_measured_twice() {
    while (changes.isEmpty()) {
      run(millis(1), cores(2));
    }
    // The first measurement of the trial ends after some 45 ms.
    long slow = now + 50_000_000;
    run(millis(400), lanes -> lanes > 1 && now < slow ? 200_000 : 100_000);
    assertEquals(List.of("2 trial", "1 no-gain"), changes);
  }

  @Test
  void one_disturbed_measurement_ends_no_trial() {
    while (changes.isEmpty()) {
      run(millis(1), cores(2));
    }
    long disturbed = now + 50_000_000;
    mayAdd = () -> false;
    run(millis(500), lanes -> now < disturbed ? 90_000 : 200_000);
    assertEquals(List.of("2 trial"), changes);
    assertEquals(2, automatic.lanes());
  }

  @Test
  void one_slow_commit_ends_no_trial() {
    while (changes.isEmpty()) {
      run(millis(1), cores(2));
    }
    mayAdd = () -> false;
    int[] commits = {0};
    commitMillis = lanes -> commits[0]++ % 5 == 0 ? 100 : 1;
    run(millis(500), cores(2));
    assertEquals(List.of("2 trial"), changes);
  }

  @Test
  void trials_without_gain_become_rare() {
    run(Duration.ofMinutes(10), cores(1));
    assertEquals(1, automatic.lanes());
    assertTrue(changes.size() > 20, () -> "" + changes.size());
    assertTrue(changes.size() < 50, () -> "" + changes.size());
  }

  @Test
  void a_throttle_leaves_one_lane_at_once_and_then_it_waits() {
    run(millis(1000), cores(8));
    assertTrue(automatic.lanes() > 2);
    record(automatic.reduce(now, 1, "threads-running"));
    assertEquals("1 threads-running", changes.get(changes.size() - 1));
    int before = changes.size();
    run(millis(450), cores(8));
    assertEquals(before, changes.size());
    run(millis(1500), cores(8));
    assertTrue(automatic.lanes() > 1);
  }

  @Test
  void a_signal_during_one_lane_delays_the_second() {
    for (int i = 0; i < 20; i++) {
      run(millis(100), cores(2));
      record(automatic.reduce(now, 1, "nice"));
    }
    assertEquals(List.of(), changes.stream().filter(it -> !it.endsWith("trial")).skip(1).toList());
    assertEquals(1, automatic.lanes());
  }

  @Test
  void a_retry_removes_one_lane() {
    run(millis(1000), cores(8));
    int lanes = automatic.lanes();
    record(automatic.reduce(now, lanes - 1, "retry"));
    assertEquals(lanes - 1, automatic.lanes());
  }

  @Test
  void a_lane_that_makes_commits_slower_is_removed_though_the_batch_is_faster() {
    commitMillis = lanes -> lanes == 1 ? 4 : 20;
    run(millis(400), cores(2));
    assertEquals(List.of("2 trial", "1 slow-commits"), changes);
  }

  @Test
  void a_lane_that_no_longer_helps_is_removed() {
    mayAdd = () -> automatic.lanes() < 2;
    run(millis(1000), cores(2));
    assertEquals(2, automatic.lanes());
    changes.clear();
    while (changes.isEmpty()) {
      run(millis(1), lanes -> lanes == 1 ? 50_000 : 60_000);
    }
    assertEquals(List.of("1 no-gain"), changes);
  }

  @Test
  void a_short_rest_ends_in_its_lanes() {
    left = 15_000;
    run(millis(1000), cores(2));
    assertEquals(List.of(), changes);
    left = 25_000;
    run(millis(1000), cores(2));
    assertEquals("2 trial", changes.get(0));
  }

  @Test
  void nothing_changes_where_no_lane_is_available() {
    mayAdd = () -> false;
    run(millis(1000), cores(2));
    assertEquals(1, automatic.lanes());
    mayAdd = () -> automatic.lanes() < 2;
    run(millis(100), cores(2));
    assertEquals(2, automatic.lanes());
  }

  @Test
  void chunks_of_seconds_are_measured_too() {
    run(Duration.ofSeconds(60), lanes -> 500.0 * Math.min(lanes, 2));
    assertEquals(List.of("2 trial", "3 trial", "2 no-gain"), changes.subList(0, 3));
  }
}
