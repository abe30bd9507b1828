package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NiceDelayTest {

  private static final long START = -1_000_000;

  private final NiceDelay rest = new NiceDelay();

  @Test
  void there_is_no_pause_before_the_first_chunk() {
    assertTrue(rest.left(1, START) <= 0);
  }

  @Test
  void a_chunk_is_followed_by_its_own_time_times_the_factor() {
    rest.chunkDone(40, START);
    assertEquals(20, rest.left(0.5, START));
    assertEquals(80, rest.left(2, START));
    assertTrue(rest.left(0, START) <= 0);
  }

  @Test
  void other_waits_count_as_part_of_the_pause() {
    rest.chunkDone(40, START);
    assertEquals(15, rest.left(0.5, START + 5));
    assertTrue(rest.left(0.5, START + 20) <= 0);
  }
}
