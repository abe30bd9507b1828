package dev.rowmill.progress.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.progress.event.EventStream.Numbered;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class EventStreamTest {

  private static final long BATCH = 7;
  private static final RenderedEvent ALIVE = new RenderedEvent(new BatchEvent.Alive());

  private final AtomicReference<EventStream> opened = new AtomicReference<>();

  private AssertSubscriber<Numbered> listener(EventFilter audience, long asks) {
    AssertSubscriber<Numbered> listener =
        Multi.createFrom()
            .<Numbered>emitter(
                emitter -> opened.set(new EventStream(audience, 10, emitter, () -> false)),
                BackPressureStrategy.ERROR)
            .subscribe()
            .withSubscriber(AssertSubscriber.create(asks));
    return listener;
  }

  private EventStream stream() {
    return opened.get();
  }

  private static Numbered status(long number, BatchStatus status) {
    return new Numbered(
        number, new RenderedEvent(new BatchEvent.StatusChanged(BATCH, "p", status, null)));
  }

  private static RenderedEvent hold(String project) {
    return new RenderedEvent(new BatchEvent.HoldChanged(BATCH, project, null));
  }

  private static List<Long> numbers(AssertSubscriber<Numbered> listener) {
    return listener.getItems().stream().map(Numbered::number).toList();
  }

  @Test
  void no_event_comes_before_the_snapshot_or_twice() {
    AssertSubscriber<Numbered> listener =
        listener(new EventFilter(null, null, ProjectPatterns.ALL), 100);
    stream().offerStatus(status(9, BatchStatus.QUEUED), BATCH);
    stream().offerStatus(status(11, BatchStatus.RUNNING), BATCH);
    listener.assertHasNotReceivedAnyItem();
    stream().begin(List.of(status(9, BatchStatus.QUEUED), status(10, BatchStatus.PAUSED)));
    assertEquals(List.of(9L, 10L, 11L), numbers(listener));
  }

  @Test
  void a_slow_listener_gets_every_status_and_only_the_newest_progress() {
    AssertSubscriber<Numbered> listener =
        listener(new EventFilter(null, null, ProjectPatterns.ALL), 1);
    stream().begin(List.of(status(10, BatchStatus.RUNNING)));
    RenderedEvent newest = hold("newest");
    for (int i = 0; i < 1000; i++) {
      stream().offerProgress(BATCH, hold("old"));
      stream().offerProgress(BATCH, newest);
      stream().offerSignOfLife(ALIVE);
    }
    listener.request(1);
    assertEquals(2, listener.getItems().size());
    assertEquals(newest, listener.getItems().get(1).delivery());
    stream().offerProgress(BATCH, hold("before the pause"));
    stream().offerHold(BATCH, hold("before the pause"));
    stream().offerStatus(status(11, BatchStatus.PAUSED), BATCH);
    stream().offerStatus(status(12, BatchStatus.QUEUED), BATCH);
    stream().offerProgress(BATCH, newest);
    listener.request(10);
    assertEquals(List.of(10L, 10L, 11L, 12L, 12L, 12L), numbers(listener));
    assertEquals(newest, listener.getItems().get(4).delivery());
    assertEquals(ALIVE, listener.getItems().get(5).delivery());
  }

  @Test
  void a_listener_to_a_batch_gets_nothing_after_its_end() {
    AssertSubscriber<Numbered> listener =
        listener(new EventFilter(BATCH, null, ProjectPatterns.ALL), 2);
    stream().begin(List.of(status(10, BatchStatus.RUNNING)));
    stream().offerStatus(status(11, BatchStatus.PAUSED), BATCH);
    stream().offerStatus(status(12, BatchStatus.CANCELLED), BATCH);
    stream().offerProgress(BATCH, hold("late"));
    stream().offerStatus(status(13, BatchStatus.RUNNING), BATCH);
    listener.assertNotTerminated();
    listener.request(10);
    listener.assertCompleted();
    assertEquals(List.of(10L, 11L, 12L), numbers(listener));
  }

  @Test
  void a_listener_to_all_batches_continues_after_the_end_of_one() {
    AssertSubscriber<Numbered> listener =
        listener(new EventFilter(null, "p", ProjectPatterns.ALL), 10);
    stream().begin(List.of());
    stream().offerStatus(status(11, BatchStatus.SUCCEEDED), BATCH);
    stream().offerStatus(status(12, BatchStatus.QUEUED), 8);
    listener.assertNotTerminated();
    assertEquals(List.of(11L, 12L), numbers(listener));
  }

  @Test
  void a_listener_that_reads_nothing_is_disconnected() {
    AssertSubscriber<Numbered> listener =
        listener(new EventFilter(null, null, ProjectPatterns.ALL), 0);
    stream().begin(List.of());
    for (int i = 0; i < EventStream.MAX; i++) {
      stream().offerStatus(status(11 + i, BatchStatus.QUEUED), i);
    }
    listener.assertNotTerminated();
    stream().offerStatus(status(11 + EventStream.MAX, BatchStatus.QUEUED), 1);
    listener.assertCompleted();
  }

  @Test
  void listeners_get_only_their_events() {
    assertTrue(new EventFilter(null, null, ProjectPatterns.ALL).hears(7, "p"));
    assertTrue(new EventFilter(7L, null, ProjectPatterns.ALL).hears(7, "p"));
    assertFalse(new EventFilter(7L, null, ProjectPatterns.ALL).hears(8, "p"));
    assertTrue(new EventFilter(null, "p", ProjectPatterns.ALL).hears(8, "p"));
    assertFalse(new EventFilter(null, "p", ProjectPatterns.ALL).hears(8, "q"));
  }

  @Test
  void events_of_many_threads_are_delivered_once_and_in_order() throws InterruptedException {
    AssertSubscriber<Numbered> listener =
        listener(new EventFilter(null, null, ProjectPatterns.ALL), 0);
    stream().begin(List.of());
    int statuses = 5000;
    var begin = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    threads.add(
        new Thread(
            () -> {
              await(begin);
              for (int i = 0; i < statuses; i++) {
                stream().offerStatus(status(11 + i, BatchStatus.QUEUED), i);
              }
            }));
    threads.add(
        new Thread(
            () -> {
              await(begin);
              for (int i = 0; i < statuses; i++) {
                stream().offerProgress(-1, hold("p"));
              }
            }));
    threads.add(
        new Thread(
            () -> {
              await(begin);
              for (int i = 0; i < 3 * statuses; i++) {
                listener.request(1);
              }
            }));
    threads.forEach(Thread::start);
    begin.countDown();
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    }
    List<Long> received =
        listener.getItems().stream()
            .filter(item -> item.delivery().event() instanceof BatchEvent.StatusChanged)
            .map(Numbered::number)
            .toList();
    assertEquals(statuses, received.size());
    assertEquals(received.stream().sorted().distinct().toList(), received);
    listener.assertNotTerminated();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
