package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Tests the verdicts on samples and on failed samples, without a server and with a simulated clock.
 */
class SampledLimitsTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Duration PERIOD = Duration.ofMillis(750);
  private static final Duration OFF = Duration.ZERO;
  private static final SQLException DENIED =
      new SQLException("Access denied; you need PROCESS", "42000", 1227);

  private final long now = System.nanoTime();
  private final Measures measures =
      new Measures(
          new Measure("threads"),
          new Measure("history"),
          new Measure("locks"),
          List.of(new Measure("replica a:1"), new Measure("replica b:2")));

  private final Thresholds nothing = limits(OFF, 0, 0, 0, OFF);

  private static Thresholds limits(
      Duration lag, int threads, int critical, long history, Duration lockWait) {
    return new Thresholds(lag, threads, critical, OFF, history, lockWait, null, 0, false);
  }

  private SampledLimits sampled(Thresholds defaults, boolean set) {
    return new SampledLimits(
        measures,
        new Defaults(defaults, set, set),
        new SampleRule(Duration.ofSeconds(15), () -> PERIOD));
  }

  private Optional<Verdict> judge(Thresholds limits, long lockWait, long at) {
    return sampled(nothing, false).judge(limits, lockWait, at);
  }

  private static void assertWaits(Reason reason, String detail, Optional<Verdict> verdict) {
    var wait = assertInstanceOf(Verdict.Wait.class, verdict.orElseThrow());
    assertEquals(reason, wait.reason());
    assertEquals(detail, wait.detail());
    assertTrue(wait.pause().toNanos() > 0);
  }

  private void acquireAll() {
    sampled(nothing, false)
        .needed(limits(Duration.ofSeconds(1), 1, 1, 1, Duration.ofSeconds(1)))
        .forEach(measure -> measure.acquire(now));
  }

  @Test
  void a_figure_closes_above_its_limit_only() {
    Thresholds limits = limits(Duration.ofMillis(1500), 25, 100, 1000, Duration.ofSeconds(1));
    measures.threads().read(25, now);
    measures.history().read(1000, now);
    measures.locks().read(0, now);
    measures.replicas().forEach(replica -> replica.read(1.5, now));
    assertEquals(Optional.empty(), judge(limits, SECOND, now));

    assertWaits(
        Reason.LOCK_WAIT,
        "others have waited 1.2 s for locks of a chunk; limit 1.0 s",
        judge(limits, SECOND * 12 / 10, now));
    measures.history().read(1001, now);
    assertWaits(
        Reason.HISTORY_LENGTH,
        "InnoDB's history list has 1001 entries; limit 1000",
        judge(limits, 0, now));
    measures.replicas().get(1).read(4, now);
    assertWaits(
        Reason.REPLICA_LAG, "replica b:2 is 4.0 s behind; limit 1.5 s", judge(limits, 0, now));
    measures.threads().read(26, now);
    assertWaits(
        Reason.THREADS_RUNNING, "the server runs 26 threads; limit 25", judge(limits, 0, now));
    measures.threads().read(101, now);
    assertEquals(
        Optional.of(
            new Verdict.Fail(
                Reason.THREADS_RUNNING, "the server runs 101 threads; critical limit 100")),
        judge(limits, 0, now));
  }

  @Test
  void each_limit_can_be_switched_off_alone() {
    assertEquals(List.of(), sampled(nothing, false).needed(nothing));
    assertEquals(Optional.empty(), judge(nothing, 9 * SECOND, now));
    Duration second = Duration.ofSeconds(1);
    measures.threads().read(50, now);
    assertEquals(List.of(measures.threads()), needed(limits(OFF, 10, 0, 0, OFF)));
    assertEquals(List.of(measures.threads()), needed(limits(OFF, 0, 10, 0, OFF)));
    assertInstanceOf(Verdict.Wait.class, judge(limits(OFF, 10, 0, 0, OFF), 0, now).orElseThrow());
    assertInstanceOf(Verdict.Fail.class, judge(limits(OFF, 0, 10, 0, OFF), 0, now).orElseThrow());
    assertEquals(measures.replicas(), needed(limits(second, 0, 0, 0, OFF)));
    assertEquals(List.of(measures.history()), needed(limits(OFF, 0, 0, 1, OFF)));
    assertEquals(List.of(measures.locks()), needed(limits(OFF, 0, 0, 0, second)));
    var ignoring = new Thresholds(second, 1, 1, second, 1, second, 1L, 1, true);
    assertEquals(List.of(), needed(ignoring));
  }

  private List<Measure> needed(Thresholds limits) {
    return sampled(nothing, false).needed(limits);
  }

  @Test
  void the_first_sample_may_take_a_second() {
    acquireAll();
    Thresholds limits = limits(OFF, 25, 0, 0, OFF);
    assertEquals(Optional.empty(), judge(limits, 0, now + SECOND - 1));
    assertWaits(
        Reason.THREADS_RUNNING,
        "threads has not been read yet; ignoreThrottle lets the batch run anyway",
        judge(limits, 0, now + SECOND));
  }

  @Test
  void an_old_value_counts_as_unread() {
    measures.replicas().get(0).read(0, now);
    measures.replicas().get(1).read(0, now - 5 * SECOND);
    Thresholds limits = limits(Duration.ofSeconds(2), 0, 0, 0, OFF);
    assertEquals(Optional.empty(), judge(limits, 0, now + 10 * SECOND));
    assertWaits(
        Reason.REPLICA_LAG,
        "replica b:2 was last read 15.1 s ago; ignoreThrottle lets the batch run anyway",
        judge(limits, 0, now + SECOND * 101 / 10));
  }

  @Test
  void an_error_closes_at_once_and_the_next_sample_opens() {
    measures.replicas().get(0).read(0, now);
    measures.replicas().get(1).failed(new SQLException("gone", new SQLException("refused")));
    Thresholds limits = limits(Duration.ofSeconds(2), 0, 0, 0, OFF);
    assertWaits(
        Reason.REPLICA_LAG,
        "replica b:2 can't be read: gone (refused);" + " ignoreThrottle lets the batch run anyway",
        judge(limits, 0, now));
    measures.replicas().get(1).read(0, now);
    assertEquals(Optional.empty(), judge(limits, 0, now));
  }

  @Test
  void a_default_limit_is_ignored_without_a_privilege_unless_it_was_requested() {
    Thresholds defaults = limits(OFF, 0, 0, 1000, Duration.ofSeconds(1));
    measures.history().failed(DENIED);
    measures.locks().failed(DENIED);
    assertEquals(Optional.empty(), sampled(defaults, false).judge(defaults, 0, now));

    String denied =
        " can't be read: Access denied; you need PROCESS;"
            + " ignoreThrottle lets the batch run anyway";
    assertWaits(
        Reason.HISTORY_LENGTH, "history" + denied, sampled(defaults, true).judge(defaults, 0, now));
    assertWaits(
        Reason.HISTORY_LENGTH,
        "history" + denied,
        sampled(defaults, false).judge(limits(OFF, 0, 0, 1001, Duration.ofSeconds(1)), 0, now));
    assertWaits(
        Reason.LOCK_WAIT,
        "locks" + denied,
        sampled(defaults, false).judge(limits(OFF, 0, 0, 1000, Duration.ofSeconds(2)), 0, now));
  }

  @Test
  void a_default_limit_with_another_error_is_closed() {
    Thresholds defaults = limits(OFF, 0, 0, 1000, Duration.ofSeconds(1));
    measures.history().failed(new SQLException("Communications link failure", "08S01", 0));
    assertTrue(sampled(defaults, false).judge(defaults, 0, now).isPresent());
    measures.history().read(1, now);
    measures.locks().failed(new SQLException("Communications link failure", "08S01", 0));
    assertTrue(sampled(defaults, false).judge(defaults, 0, now).isPresent());
  }

  @Test
  void sampling_continues_for_five_seconds_after_the_last_use() {
    Measure threads = measures.threads();
    assertTrue(threads.acquire(now), "the sampler must be notified");
    threads.read(7, now);
    threads.release(now);
    assertTrue(threads.isWanted(now + 4 * SECOND));
    assertTrue(!threads.acquire(now + 4 * SECOND));
    assertInstanceOf(Sample.Read.class, threads.sample());
    threads.release(now + 4 * SECOND);
    assertTrue(!threads.isWanted(now + 9 * SECOND));
    assertTrue(threads.acquire(now + 9 * SECOND));
    assertEquals(new Sample.Unread(now + 9 * SECOND), threads.sample());
  }
}
