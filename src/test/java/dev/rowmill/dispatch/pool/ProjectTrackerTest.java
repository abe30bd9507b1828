package dev.rowmill.dispatch.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProjectTrackerTest {

  private final ProjectTracker tracker = new ProjectTracker();

  @Test
  void all_callers_are_notified_when_the_ticket_is_closed() throws Exception {
    tracker.admit("p", 1);
    var before =
        tracker.settled("p").orElseThrow().subscribe().withSubscriber(UniAssertSubscriber.create());
    Ticket ticket = tracker.enter("p", 1, false);
    var during =
        tracker.settled("p").orElseThrow().subscribe().withSubscriber(UniAssertSubscriber.create());
    before.assertNotTerminated();

    ticket.close();
    ticket.close();

    before.assertCompleted();
    during.assertCompleted();
    assertTrue(tracker.settled("p").isEmpty());
    assertEquals(0, tracker.active());
  }

  @Test
  void a_batch_is_admitted_once() {
    assertTrue(tracker.admit("p", 1));
    assertFalse(tracker.admit("p", 1));
    assertTrue(tracker.admit("q", 2));
    tracker.dismiss("p", 1);
    assertTrue(tracker.admit("p", 1));
  }

  @Test
  void the_ticket_of_an_ended_batch_leaves_its_successor_alone() throws Exception {
    Ticket first = tracker.enter("p", 1, false);
    var firstSettled =
        tracker.settled("p").orElseThrow().subscribe().withSubscriber(UniAssertSubscriber.create());
    tracker.admit("p", 2);
    var second =
        tracker.settled("p").orElseThrow().subscribe().withSubscriber(UniAssertSubscriber.create());

    first.close();

    firstSettled.assertCompleted();
    second.assertNotTerminated();
    tracker.dismiss("p", 1);
    second.assertNotTerminated();
    tracker.dismiss("p", 2);
    second.assertCompleted();
  }

  @Test
  void the_serial_lock_is_held_by_one_ticket_and_released_with_it() throws Exception {
    Ticket first = tracker.enter("p", 1, true);
    assertTrue(tracker.isSerialLocked());
    var entered = new CountDownLatch(1);
    var other =
        new Thread(
            () -> {
              try (Ticket second = tracker.enter("q", 2, true)) {
                entered.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    other.start();
    assertFalse(entered.await(50, TimeUnit.MILLISECONDS));
    first.close();
    assertTrue(entered.await(2, TimeUnit.MINUTES));
    other.join();
    assertFalse(tracker.isSerialLocked());
    assertEquals(0, tracker.active());
  }

  @Test
  void an_interrupt_while_waiting_for_the_serial_lock_leaves_nothing_behind() throws Exception {
    Ticket first = tracker.enter("p", 1, true);
    var thrown = new AtomicReference<Throwable>();
    var other =
        new Thread(
            () ->
                thrown.set(
                    assertThrows(InterruptedException.class, () -> tracker.enter("q", 2, true))));
    other.start();
    other.interrupt();
    other.join();
    assertTrue(thrown.get() instanceof InterruptedException);
    first.close();
    assertFalse(tracker.isSerialLocked());
    assertEquals(0, tracker.active());
  }

  @Test
  void the_queue_starts_one_at_a_time_in_order_even_after_a_failed_start() {
    var line = new SerialQueue();
    List<Long> started = new ArrayList<>();
    line.join(1, () -> started.add(1L));
    line.join(
        2,
        () -> {
          throw new IllegalStateException("no thread");
        });
    line.join(3, () -> started.add(3L));
    assertEquals(List.of(2L, 3L), line.waiting());

    assertThrows(IllegalStateException.class, () -> line.leave(1));

    assertEquals(List.of(1L, 3L), started);
    assertEquals(3L, line.holder().getAsLong());
    line.leave(2);
    assertEquals(3L, line.holder().getAsLong());
    line.leave(3);
    assertTrue(line.holder().isEmpty());
  }
}
