package dev.rowmill.dispatch.pool;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Orders the serial batches by their arrival. Hands a batch to a thread only when it is first, so a
 * queued one occupies no thread. Safe for many threads.
 */
@ApplicationScoped
public class SerialQueue {

  private record Turn(long batch, Runnable go) {}

  private final Deque<Turn> waiting = new ArrayDeque<>();
  private @Nullable Turn holder;

  /**
   * Adds a batch to the end of the queue.
   *
   * @param go called when the batch is first, on this thread or on that of the batch before; must
   *     be quick, and hands the batch to a thread that finally calls {@link #leave}
   */
  public void join(long batch, Runnable go) {
    var turn = new Turn(batch, go);
    synchronized (this) {
      if (holder != null) {
        waiting.addLast(turn);
        return;
      }
      holder = turn;
    }
    start(turn);
  }

  /**
   * Removes the first batch, and starts the next one. Does nothing for a batch that is not first.
   */
  public void leave(long batch) {
    Turn next;
    synchronized (this) {
      if (holder == null || holder.batch != batch) {
        return;
      }
      next = waiting.pollFirst();
      holder = next;
    }
    if (next != null) {
      start(next);
    }
  }

  /** Removes a batch at any position; starts the next one if it was first. */
  public void stepOut(long batch) {
    synchronized (this) {
      if (waiting.removeIf(turn -> turn.batch == batch)) {
        return;
      }
    }
    leave(batch);
  }

  /** Returns the first batch, whose turn it is. */
  public synchronized OptionalLong holder() {
    return holder == null ? OptionalLong.empty() : OptionalLong.of(holder.batch);
  }

  /** Returns the queued batches, the next one first. */
  public synchronized List<Long> waiting() {
    return waiting.stream().map(Turn::batch).toList();
  }

  private void start(Turn turn) {
    try {
      turn.go.run();
    } catch (RuntimeException | Error e) {
      // A failed start must not block the queue.
      leave(turn.batch);
      throw e;
    }
  }
}
