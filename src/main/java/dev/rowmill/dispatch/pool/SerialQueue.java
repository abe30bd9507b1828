package dev.rowmill.dispatch.pool;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The line of serial mode, in the order of asking. A batch is let go to a thread only when its turn
 * has come, so that those waiting hold none. Safe for many threads.
 */
@ApplicationScoped
public class SerialQueue {

  private record Turn(long batch, Runnable go) {}

  private final Deque<Turn> waiting = new ArrayDeque<>();
  private @Nullable Turn holder;

  /**
   * Joins the line.
   *
   * @param go called when the turn has come, on this thread or on that of the batch before; must be
   *     quick, and hands the batch to a thread that calls {@link #leave} in the end
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

  /** Gives the turn to the next in line. Does nothing for a batch whose turn it is not. */
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

  /** Leaves the line, wherever in it; gives the turn on if it has come. */
  public void stepOut(long batch) {
    synchronized (this) {
      if (waiting.removeIf(turn -> turn.batch == batch)) {
        return;
      }
    }
    leave(batch);
  }

  /** The batch whose turn it is. */
  public synchronized OptionalLong holder() {
    return holder == null ? OptionalLong.empty() : OptionalLong.of(holder.batch);
  }

  /** Those that wait, the next one first. */
  public synchronized List<Long> waiting() {
    return waiting.stream().map(Turn::batch).toList();
  }

  private void start(Turn turn) {
    try {
      turn.go.run();
    } catch (RuntimeException | Error e) {
      // The turn is not lost with whoever could not take it.
      leave(turn.batch);
      throw e;
    }
  }
}
