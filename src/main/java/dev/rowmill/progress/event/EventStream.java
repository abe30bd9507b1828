package dev.rowmill.progress.event;

import io.smallrye.mutiny.subscription.MultiEmitter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Buffers the pending events of one listener, and emits no more than it requests. Holds only the
 * newest progress and hold of each batch, but all statuses. A listener with too many pending ones
 * is disconnected, and can reconnect for them. Offering never blocks. Safe for many threads.
 */
final class EventStream {

  /** Limits the pending statuses of a slow listener. */
  static final int MAX = 10_000;

  /**
   * Holds an event and the number of the newest status that its listener has received up to it.
   *
   * @param number number with which the listener can resume later
   */
  record Numbered(long number, RenderedEvent delivery) {}

  private final EventFilter audience;
  private final MultiEmitter<? super Numbered> listener;
  private final BooleanSupplier disconnected;
  private final AtomicInteger turns = new AtomicInteger();

  private final Deque<Numbered> inOrder = new ArrayDeque<>();
  private final Map<Long, RenderedEvent> progress = new LinkedHashMap<>();
  private final Map<Long, RenderedEvent> holds = new HashMap<>();
  private @Nullable RenderedEvent alive;

  /**
   * Holds the number of the newest status at opening. The stream's first events cover statuses up
   * to it.
   */
  private final long opened;

  private long number;
  private boolean begun;
  private boolean over;

  /**
   * Opens a stream.
   *
   * @param number number of the newest status; the first events include the ones up to it that the
   *     listener misses
   * @param disconnected checks whether the listener has left, even if its connection did not report
   *     that
   */
  EventStream(
      EventFilter audience,
      long number,
      MultiEmitter<? super Numbered> listener,
      BooleanSupplier disconnected) {
    this.audience = audience;
    this.opened = number;
    this.number = number;
    this.listener = listener;
    this.disconnected = disconnected;
    listener.onRequest(more -> drain());
  }

  boolean hears(long batch, String project) {
    return audience.hears(batch, project);
  }

  boolean isGone() {
    return disconnected.getAsBoolean();
  }

  /** Begins with these events; the ones offered meanwhile follow. */
  void begin(List<Numbered> first) {
    synchronized (this) {
      for (int i = first.size() - 1; i >= 0; i--) {
        inOrder.addFirst(first.get(i));
      }
      begun = true;
      over |= first.stream().anyMatch(this::isTheEnd);
    }
    drain();
  }

  /** Offers a status, which replaces the batch's pending progress and hold. */
  void offerStatus(Numbered status, long batch) {
    synchronized (this) {
      if (over || status.number <= opened) {
        return;
      }
      inOrder.addLast(status);
      progress.remove(batch);
      holds.remove(batch);
      over = inOrder.size() > MAX || isTheEnd(status);
    }
    drain();
  }

  void offerProgress(long batch, RenderedEvent delivery) {
    synchronized (this) {
      progress.put(batch, delivery);
    }
    drain();
  }

  void offerHold(long batch, RenderedEvent delivery) {
    synchronized (this) {
      holds.put(batch, delivery);
    }
    drain();
  }

  void offerSignOfLife(RenderedEvent delivery) {
    synchronized (this) {
      alive = delivery;
    }
    drain();
  }

  /** Ends the stream. */
  void end() {
    listener.complete();
  }

  /** Checks for the end of the stream's only batch, after which nothing follows. */
  private boolean isTheEnd(Numbered next) {
    return audience.batch() != null
        && (next.delivery.event() instanceof BatchEvent.StatusChanged became
            ? became.status().isFinal()
            : next.delivery.event() instanceof BatchEvent.Snapshot snapshot
                && snapshot.batches().stream().allMatch(batch -> batch.status().isFinal()));
  }

  /** Emits the requested events; one thread at a time, also for the threads that call meanwhile. */
  private void drain() {
    if (turns.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    do {
      while (listener.requested() > 0 && !listener.isCancelled()) {
        Numbered next = poll();
        if (next == null) {
          break;
        }
        listener.emit(next);
      }
      if (isOver()) {
        listener.complete();
      }
      seen = turns.addAndGet(-seen);
    } while (seen > 0);
  }

  private synchronized boolean isOver() {
    return begun && over && (inOrder.isEmpty() || inOrder.size() > MAX);
  }

  private synchronized @Nullable Numbered poll() {
    if (!begun) {
      return null;
    }
    Numbered next = inOrder.pollFirst();
    if (next != null) {
      number = Math.max(number, next.number);
      return next;
    }
    if (over) {
      return null;
    }
    RenderedEvent newest = pollAny(holds);
    if (newest == null) {
      newest = pollAny(progress);
    }
    if (newest == null) {
      newest = alive;
      alive = null;
    }
    return newest == null ? null : new Numbered(number, newest);
  }

  private static @Nullable RenderedEvent pollAny(Map<Long, RenderedEvent> newest) {
    var first = newest.values().iterator();
    if (!first.hasNext()) {
      return null;
    }
    RenderedEvent delivery = first.next();
    first.remove();
    return delivery;
  }
}
