package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(15));

  @Property
  void a_pause_is_between_half_and_all_of_the_doubled_one(
      @ForAll @IntRange(min = 1, max = 1000) int failures, @ForAll long seed) {
    long pause = backoff.pause(failures, new Random(seed)).toMillis();
    long full = (long) Math.min(15_000, 200 * Math.pow(2, failures - 1));
    assertTrue(pause >= full / 2 && pause <= full, () -> failures + " failures: " + pause);
  }

  @Test
  void nine_pauses_exceed_a_restart_of_the_database() {
    long least = 0;
    for (int failures = 1; failures <= 9; failures++) {
      least += backoff.pause(failures, new Random(failures)).toMillis();
    }
    long total = least;
    assertTrue(total > 25_000, () -> "only " + total + " ms");
  }
}
