package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CommitLatencyTest {

  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LIMIT = 100 * MILLI;
  private static final long START = Long.MAX_VALUE - 5 * MILLI;

  private final CommitLatency commits = new CommitLatency();

  @Test
  void before_the_first_commit_the_throttle_is_open() {
    assertEquals(0, commits.pause(LIMIT, START));
  }

  @Test
  void one_slow_commit_among_fast_ones_is_tolerated() {
    for (int i = 0; i < 20; i++) {
      commits.committed(5 * MILLI);
    }
    commits.committed(300 * MILLI);
    assertEquals(0, commits.pause(LIMIT, START));
    assertTrue(commits.mean() > 90 * MILLI && commits.mean() < LIMIT);
    commits.committed(300 * MILLI);
    assertTrue(commits.pause(LIMIT, START) > 0);
  }

  @Test
  void after_the_pause_one_chunk_runs_and_opens_the_throttle() {
    commits.committed(200 * MILLI);
    assertEquals(400 * MILLI, commits.pause(LIMIT, START));
    assertEquals(100 * MILLI, commits.pause(LIMIT, START + 300 * MILLI));
    assertEquals(0, commits.pause(LIMIT, START + 400 * MILLI));
    assertEquals(0, commits.pause(LIMIT, START + 401 * MILLI), "the probe is tried again");
    commits.committed(20 * MILLI);
    assertEquals(20 * MILLI, commits.mean(), "commits before the pause no longer count");
    assertEquals(0, commits.pause(LIMIT, START + 420 * MILLI));
  }

  @Test
  void pauses_double_while_commits_stay_slow_up_to_five_seconds() {
    long now = START;
    for (long expected : new long[] {400, 800, 1600, 3200, 5000, 5000}) {
      commits.committed(200 * MILLI);
      assertEquals(expected * MILLI, commits.pause(LIMIT, now));
      now += expected * MILLI;
      assertEquals(0, commits.pause(LIMIT, now));
    }
    commits.committed(MILLI);
    assertEquals(0, commits.pause(LIMIT, now));
    commits.committed(1000 * MILLI);
    assertTrue(commits.pause(LIMIT, now) < 1000 * MILLI, "a good probe ends the doubling");
  }

  @Test
  void another_limit_applies_at_once() {
    commits.committed(200 * MILLI);
    assertTrue(commits.pause(LIMIT, START) > 0);
    assertEquals(0, commits.pause(250 * MILLI, START));
    assertTrue(commits.pause(LIMIT, START) > 0);
  }
}
