package dev.rowmill.dispatch.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Tests the order of serial batches in one process. */
class SerialQueueTest {

  private final SerialQueue queue = new SerialQueue();
  private final List<Long> started = new ArrayList<>();

  private void join(long batch) {
    queue.join(batch, () -> started.add(batch));
  }

  @Test
  void batches_start_in_the_order_of_their_arrival() {
    join(1);
    join(2);
    join(3);
    assertEquals(List.of(1L), started);
    queue.leave(1);
    queue.leave(1);
    queue.leave(2);
    assertEquals(List.of(1L, 2L, 3L), started);
    assertEquals(OptionalLong.of(3), queue.holder());
  }

  @Test
  void a_batch_leaves_the_queue_at_any_position() {
    join(1);
    join(2);
    join(3);
    queue.stepOut(2);
    assertEquals(List.of(3L), queue.waiting());
    queue.stepOut(1);
    assertEquals(List.of(1L, 3L), started);
    queue.stepOut(3);
    assertEquals(OptionalLong.empty(), queue.holder());
  }

  @Test
  void a_failed_start_does_not_block_the_queue() {
    assertThrows(
        IllegalStateException.class,
        () ->
            queue.join(
                1,
                () -> {
                  throw new IllegalStateException("no thread");
                }));
    assertEquals(OptionalLong.empty(), queue.holder());
    join(2);
    assertEquals(List.of(2L), started);
  }
}
