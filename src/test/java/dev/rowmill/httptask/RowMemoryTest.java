package dev.rowmill.httptask;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RowMemoryTest {

  @Test
  void reads_have_room_until_the_memory_is_full() {
    var memory = new RowMemory(100);
    for (int read = 0; read < 4; read++) {
      assertTrue(memory.reserve());
    }
    assertFalse(memory.reserve());
    memory.add(-memory.ofRead());
    assertTrue(memory.reserve());
    // A lane without a chunk has taken more than there is.
    memory.add(50);
    memory.add(-memory.ofRead());
    assertFalse(memory.reserve());
  }
}
