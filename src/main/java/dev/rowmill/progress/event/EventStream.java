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
 * What one listener is still to be told, no more at a time than it asks for. Of progress and of
 * what holds a batch back only the newest is kept; statuses are all kept, up to a number at which a
 * listener is given up, to come back for them when it can. Offering never blocks. Safe for many
 * threads.
 */
final class EventStream {

  /** Statuses that are kept for a slow listener. */
  static final int MOST = 10_000;

  /**
   * An event with the number of the newest status that its listener has been told by then.
   *
   * @param number by which the listener can go on later
   */
  record Numbered(long number, RenderedEvent delivery) {}

  private final EventFilter audience;
  private final MultiEmitter<? super Numbered> listener;
  private final BooleanSupplier gone;
  private final AtomicInteger turns = new AtomicInteger();

  private final Deque<Numbered> inOrder = new ArrayDeque<>();
  private final Map<Long, RenderedEvent> progress = new LinkedHashMap<>();
  private final Map<Long, RenderedEvent> holds = new HashMap<>();
  private @Nullable RenderedEvent alive;

  /**
   * Of the newest status when it was opened: what is offered up to that is told by its beginning.
   */
  private final long opened;

  private long number;
  private boolean begun;
  private boolean over;

  /**
   * @param number of the newest status; what the listener does not know of those up to that one
   *     comes with its beginning
   * @param gone whether the listener has left, however little of that was told
   */
  EventStream(
      EventFilter audience,
      long number,
      MultiEmitter<? super Numbered> listener,
      BooleanSupplier gone) {
    this.audience = audience;
    this.opened = number;
    this.number = number;
    this.listener = listener;
    this.gone = gone;
    listener.onRequest(more -> drain());
  }

  boolean hears(long batch, String project) {
    return audience.hears(batch, project);
  }

  boolean isGone() {
    return gone.getAsBoolean();
  }

  /** Begins with this; what was offered meanwhile follows. */
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

  /** A status, and so nothing of its progress before it matters any more. */
  void offerStatus(Numbered status, long batch) {
    synchronized (this) {
      if (over || status.number <= opened) {
        return;
      }
      inOrder.addLast(status);
      progress.remove(batch);
      holds.remove(batch);
      over = inOrder.size() > MOST || isTheEnd(status);
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

  /** Tells nothing more. */
  void end() {
    listener.complete();
  }

  /** Of one batch nothing follows its end. */
  private boolean isTheEnd(Numbered next) {
    return audience.batch() != null
        && (next.delivery.event() instanceof BatchEvent.Became became
            ? became.status().isFinal()
            : next.delivery.event() instanceof BatchEvent.Snapshot snapshot
                && snapshot.batches().stream().allMatch(batch -> batch.status().isFinal()));
  }

  /** Gives what is asked for; one thread at a time, for all who come meanwhile. */
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
    return begun && over && (inOrder.isEmpty() || inOrder.size() > MOST);
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
