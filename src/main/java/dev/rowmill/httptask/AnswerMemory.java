package dev.rowmill.httptask;

import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Bounds the bytes of all answers that this node holds at once: of responses that are read, and of
 * answers that are not written yet. A response for which there is no room is read later. The one
 * that a lane needs next is read at any time, so that lanes always continue. Thread-safe.
 */
@ApplicationScoped
class AnswerMemory {

  private static final int SHARE_OF_HEAP = 8;

  private final long most;
  private final Deque<Ticket> waiting = new ArrayDeque<>();
  private long held;

  @Inject
  AnswerMemory(HttpTaskConfig config) {
    this(
        config
            .answerMemory()
            .map(MemorySize::asLongValue)
            .orElse(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
  }

  /**
   * @param most bytes of all answers
   */
  AnswerMemory(long most) {
    this.most = most;
  }

  /** Opens the ticket of a call. */
  Ticket open() {
    return new Ticket();
  }

  /** Represents the answer of one call while it is read. Guarded by the memory. */
  final class Ticket {
    private long bytes;
    private long wanted;
    private boolean needed;
    private boolean heldBack;
    private boolean closed;
    private Runnable whenRoom = () -> {};

    /**
     * Reserves room for a whole response.
     *
     * @param later is run when there is room, if there is none now
     * @return whether there is room now
     */
    boolean reserve(long size, Runnable later) {
      synchronized (AnswerMemory.this) {
        if (closed) {
          return true;
        }
        // The largest response would not fit into a small memory.
        wanted = Math.min(size, most);
        if (needed || (waiting.isEmpty() && fits())) {
          take();
          return true;
        }
        whenRoom = later;
        waiting.addLast(this);
        heldBack = true;
        return false;
      }
    }

    private boolean fits() {
      return held + wanted <= most;
    }

    private void take() {
      heldBack = false;
      if (!closed) {
        held += wanted - bytes;
        bytes = wanted;
      }
    }

    /** Returns whether an answer may be read now. */
    boolean mayRead() {
      synchronized (AnswerMemory.this) {
        heldBack = !needed && held >= most;
        return !heldBack;
      }
    }

    /** Returns whether the answer is there, but there is no room for it. */
    boolean isHeldBack() {
      synchronized (AnswerMemory.this) {
        return heldBack;
      }
    }

    /** Lets the answer be read at any time, because a lane waits for it. */
    void need() {
      synchronized (AnswerMemory.this) {
        needed = true;
        if (!waiting.remove(this)) {
          return;
        }
        take();
      }
      whenRoom.run();
    }

    /** Gives the room back. */
    void close() {
      synchronized (AnswerMemory.this) {
        waiting.remove(this);
        wanted = 0;
        take();
        closed = true;
      }
      admit();
    }
  }

  /** Returns whether responses wait for room. */
  synchronized boolean isFull() {
    return held >= most || !waiting.isEmpty();
  }

  /** Changes the bytes of answers that are not written yet. */
  void add(long bytes) {
    synchronized (this) {
      held += bytes;
    }
    if (bytes < 0) {
      admit();
    }
  }

  private void admit() {
    List<Ticket> admitted = new ArrayList<>();
    synchronized (this) {
      for (Ticket next = waiting.peekFirst();
          next != null && next.fits();
          next = waiting.peekFirst()) {
        waiting.removeFirst();
        next.take();
        admitted.add(next);
      }
    }
    admitted.forEach(ticket -> ticket.whenRoom.run());
  }
}
