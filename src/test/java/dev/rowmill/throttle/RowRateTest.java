package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowRateTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /** Simulates nanoTime, which may begin with any value. */
  private static final long START = Long.MIN_VALUE + 17;

  private final RowRate rate = new RowRate();

  @Test
  void the_next_chunk_waits_exactly_as_long_as_the_rate_requires() {
    assertEquals(0, rate.take(100, 1000, START));
    assertEquals(100 * MILLI, rate.take(100, 1000, START));
    assertEquals(30 * MILLI, rate.take(100, 1000, START + 70 * MILLI));
    assertEquals(0, rate.take(100, 1000, START + 100 * MILLI));
    assertEquals(100 * MILLI, rate.take(100, 1000, START + 100 * MILLI));
  }

  @Test
  void the_time_of_the_chunk_itself_counts() {
    assertEquals(0, rate.take(0, 1000, START));
    rate.settle(0, 100);
    assertEquals(10 * MILLI, rate.take(100, 1000, START + 90 * MILLI));
  }

  @Test
  void an_unexpected_number_of_rows_is_corrected() {
    assertEquals(0, rate.take(100, 1000, START));
    rate.settle(100, 300);
    assertEquals(300 * MILLI, rate.take(1, 1000, START));
    rate.settle(300, 100);
    assertEquals(100 * MILLI, rate.take(1, 1000, START));
  }

  @Test
  void another_rate_applies_at_once() {
    rate.take(1000, 1, START);
    assertEquals(1000 * SECOND, rate.take(1, 1, START));
    assertEquals(SECOND, rate.take(1, 1000, START));
  }

  @Test
  void unused_time_is_not_accumulated() {
    rate.take(100, 1000, START);
    long later = START + 3600 * SECOND;
    assertEquals(0, rate.take(100, 1000, later));
    assertEquals(100 * MILLI, rate.take(100, 1000, later));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void all_lanes_together_keep_to_the_rate(int lanes) {
    int perSecond = 10_000;
    var random = new Random(42);
    long[] free = new long[lanes];
    long[] last = new long[lanes];
    long rows = 0;
    long end = 600 * SECOND;
    for (long now = 0; now < end; now += MILLI) {
      for (int lane = 0; lane < lanes; lane++) {
        if (free[lane] > now) {
          continue;
        }
        long wait = rate.take(last[lane], perSecond, START + now);
        if (wait == 0) {
          long real = 1 + random.nextInt(1000);
          rate.settle(last[lane], real);
          last[lane] = real;
          rows += real;
          free[lane] = now + random.nextLong(20 * MILLI);
        } else {
          free[lane] = now + wait;
        }
      }
    }
    // The rate does not delay a lane's first chunk, and the pauses after the last ones are still
    // due.
    long most = perSecond * 600L + lanes * 2000L;
    assertTrue(rows <= most, rows + " rows are too many");
    assertTrue(rows > perSecond * 600L * 0.97, rows + " rows are too few");
  }
}
