package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the order of the queries, with a simulated clock. */
class SamplerTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private long now = Long.MIN_VALUE + 3;
  private final long start = now;

  private final class FakeProbe implements Probe {
    final long takes;
    final List<Long> times = new ArrayList<>();
    boolean wanted = true;
    boolean fails;
    int failures;
    int rests;

    FakeProbe(long takes) {
      this.takes = takes;
    }

    @Override
    public boolean isWanted(long at) {
      return wanted;
    }

    @Override
    public void sample() throws SQLException {
      times.add(now - start);
      now += takes;
      if (fails) {
        throw new SQLException("as the test wants it");
      }
    }

    @Override
    public void failed(Throwable error) {
      failures++;
    }

    @Override
    public void release() {
      rests++;
    }

    long longestGap() {
      long longest = 0;
      for (int i = 1; i < times.size(); i++) {
        longest = Math.max(longest, times.get(i) - times.get(i - 1));
      }
      return longest;
    }
  }

  private List<FakeProbe> probes(int count, long takes) {
    return Stream.generate(() -> new FakeProbe(takes)).limit(count).toList();
  }

  private Sampler sampler(List<FakeProbe> main) {
    return sampler(main, List.of());
  }

  private Sampler sampler(List<FakeProbe> main, List<FakeProbe> others) {
    return new Sampler(List.copyOf(main), List.copyOf(others), Duration.ofMillis(500), () -> now);
  }

  private void pass(Sampler sampler, long time) {
    for (long end = now + time; now < end; ) {
      long nap = sampler.turn();
      now += Math.min(Math.max(nap, 0), Math.max(end - now, 0)) + 1;
    }
  }

  @Test
  void two_queries_run_twice_per_second_each() {
    List<FakeProbe> probes = probes(2, MILLI);
    pass(sampler(probes), 60 * SECOND);
    for (FakeProbe probe : probes) {
      assertEquals(120, probe.times.size(), 1);
      assertTrue(probe.longestGap() < 510 * MILLI);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 9, 20})
  void at_most_four_queries_run_per_second_in_turn(int count) {
    List<FakeProbe> probes = probes(count, 3 * MILLI);
    pass(sampler(probes), 600 * SECOND);
    List<Long> all = probes.stream().flatMap(probe -> probe.times.stream()).sorted().toList();
    for (int i = 4; i < all.size(); i++) {
      assertTrue(all.get(i) - all.get(i - 4) >= SECOND, "five in a second at " + all.get(i));
    }
    long fewest = probes.stream().mapToInt(probe -> probe.times.size()).min().orElseThrow();
    long most = probes.stream().mapToInt(probe -> probe.times.size()).max().orElseThrow();
    assertTrue(most - fewest <= 1, fewest + " to " + most);
    assertTrue(fewest > Math.min(2.0, 4.0 / count) * 600 * 0.97, fewest + " of each");
  }

  @Test
  void the_first_samples_are_taken_at_once() {
    List<FakeProbe> probes = probes(4, MILLI);
    Sampler sampler = sampler(probes);
    pass(sampler, 5 * MILLI);
    probes.forEach(probe -> assertEquals(1, probe.times.size()));
  }

  @Test
  void unavailable_replicas_do_not_delay_the_main_server() {
    List<FakeProbe> main = probes(3, 2 * MILLI);
    List<FakeProbe> unavailable = probes(4, 2 * SECOND);
    unavailable.forEach(probe -> probe.fails = true);
    pass(sampler(main, unavailable), 600 * SECOND);
    for (FakeProbe probe : main) {
      assertTrue(probe.longestGap() < 5 * SECOND, probe.longestGap() / MILLI + " ms");
    }
    for (FakeProbe probe : unavailable) {
      assertTrue(probe.times.size() > 30, probe.times.size() + " tries");
      assertEquals(probe.times.size(), probe.failures);
    }
  }

  @Test
  void an_unavailable_replica_takes_a_fifth_of_the_time_at_most() {
    List<FakeProbe> main = probes(3, 2 * MILLI);
    pass(sampler(main, probes(1, 2 * SECOND)), 600 * SECOND);
    for (FakeProbe probe : main) {
      assertTrue(probe.times.size() > 480, probe.times.size() + " answers");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 5})
  void the_return_of_the_main_server_is_noticed_soon(long seconds) {
    List<FakeProbe> main =
        List.of(new FakeProbe(seconds * SECOND), new FakeProbe(MILLI), new FakeProbe(MILLI));
    main.forEach(probe -> probe.fails = true);
    pass(sampler(main), 600 * SECOND);
    List<Long> times = main.get(0).times;
    assertTrue(
        main.get(0).longestGap() <= (seconds + 1) * SECOND,
        main.get(0).longestGap() / MILLI + " ms");
    // After each try, it is not queried for a while.
    for (int i = 1; i < times.size(); i++) {
      assertTrue(times.get(i) - times.get(i - 1) >= seconds * SECOND + 500 * MILLI);
    }
  }

  @Test
  void unused_queries_do_not_run() {
    List<FakeProbe> probes = probes(2, MILLI);
    FakeProbe idle = probes.get(0);
    idle.wanted = false;
    Sampler sampler = sampler(probes);
    pass(sampler, 10 * SECOND + 250 * MILLI);
    assertEquals(List.of(), idle.times);
    assertTrue(idle.rests > 0);
    assertTrue(probes.get(1).times.size() >= 20);

    long woken = now - start;
    idle.wanted = true;
    pass(sampler, 10 * MILLI);
    assertEquals(1, idle.times.size(), "it is due as soon as somebody wants it");
    assertTrue(idle.times.get(0) - woken < 10 * MILLI);

    probes.forEach(probe -> probe.wanted = false);
    assertTrue(sampler.turn() > 60 * SECOND);
  }
}
