package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LockWaitsTest {

  private final HeldLocks held = new HeldLocks();
  private final LockWaits waits = new LockWaits();

  @Test
  void the_longest_wait_since_the_last_read_counts_until_a_later_sample_is_shorter() {
    assertEquals(0, waits.worst());
    waits.sampled(3);
    waits.sampled(7);
    waits.sampled(0);
    assertEquals(7, waits.worst());
    assertEquals(7, waits.worst(), "no sample has come in since");
    waits.sampled(0);
    assertEquals(0, waits.worst());
  }

  @Test
  void each_lane_gets_the_waits_of_its_own_connection() {
    var other = new LockWaits();
    held.add(1, waits);
    held.add(2, other);
    held.seen(Set.of(1L, 2L), Map.of(2L, 5L));
    assertEquals(0, waits.worst());
    assertEquals(5, other.worst());
  }

  @Test
  void a_connection_used_by_another_lane_no_longer_affects_the_first_lane() {
    var other = new LockWaits();
    held.add(1, waits);
    held.seen(Set.of(1L), Map.of(1L, 5L));
    assertEquals(5, waits.worst());
    held.add(1, other);
    assertEquals(0, waits.worst());
    held.remove(1, waits);
    assertEquals(Set.of(1L), held.connections(), "it is the other one's now");
    held.remove(1, other);
    assertEquals(Set.of(), held.connections());
  }
}
