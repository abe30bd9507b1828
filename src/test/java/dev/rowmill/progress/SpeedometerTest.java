package dev.rowmill.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SpeedometerTest {

  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(20);

  /** Returns a value of nanoTime, which may overflow. */
  private static long at(double seconds) {
    return START + (long) (seconds * 1e9);
  }

  private static double moment(Speedometer speed, double seconds) {
    return speed.perSecond(Speedometer.MOMENT, at(seconds));
  }

  private static double lately(Speedometer speed, double seconds) {
    return speed.perSecond(Speedometer.LATELY, at(seconds));
  }

  @Test
  void at_first_the_speed_is_measured_since_the_beginning() {
    var speed = new Speedometer(at(0), 1_000);
    assertEquals(0, moment(speed, 0));
    speed.add(at(0.5), 1_500);
    assertEquals(1_000, moment(speed, 0.5), 0.1);
    assertEquals(500, lately(speed, 1), 0.1);
  }

  @Test
  void later_the_speed_is_measured_in_the_window() {
    var speed = new Speedometer(at(0), 0);
    long count = 0;
    for (int tenth = 1; tenth <= 1200; tenth++) {
      count += tenth <= 600 ? 10 : tenth <= 1150 ? 20 : 50;
      speed.add(at(tenth / 10.0), count);
    }
    assertEquals(500, moment(speed, 120), 20);
    assertEquals((550 * 20 + 50 * 50) / 60.0, lately(speed, 120), 5);
  }

  @Test
  void the_speed_falls_without_progress() {
    var speed = new Speedometer(at(0), 0);
    for (int second = 1; second <= 10; second++) {
      speed.add(at(second), second * 100L);
    }
    assertEquals(100, moment(speed, 10), 1);
    assertEquals(300 / 5.0, moment(speed, 12), 1);
    assertEquals(0, moment(speed, 16));
    assertEquals(1000 / 20.0, lately(speed, 20), 0.1);
  }

  @Test
  void a_chunk_longer_than_the_window_counts_from_its_beginning() {
    var speed = new Speedometer(at(0), 0);
    speed.add(at(8), 800);
    assertEquals(100, moment(speed, 8), 0.1);
    speed.add(at(16), 1600);
    assertEquals(100, moment(speed, 16), 0.1);
  }
}
