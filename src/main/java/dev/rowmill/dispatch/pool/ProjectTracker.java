package dev.rowmill.dispatch.pool;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Knows the active batch of each project in this JVM, and owns the lock of serial mode. What is
 * waited for hangs on a project's {@code Uni}, which takes no thread. Safe for many threads.
 *
 * <p>A batch is admitted when it is stored, entered by the thread that runs it, and gone when the
 * ticket of that run is closed.
 */
@ApplicationScoped
public class ProjectTracker {

  private record Tracked(long batch, CompletableFuture<Void> left, Uni<Void> settled) {
    static Tracked of(long batch) {
      var left = new CompletableFuture<Void>();
      return new Tracked(
          batch, left, Uni.createFrom().completionStage(left).memoize().indefinitely());
    }
  }

  private final ConcurrentHashMap<String, Tracked> projects = new ConcurrentHashMap<>();

  /** Fair, so that whoever comes first is first; the order of asking is kept by the line before. */
  private final ReentrantLock serial = new ReentrantLock(true);

  /**
   * Says that a batch is now its project's active one in this JVM. A batch before it, ended in the
   * database but with its thread still on the way out, settles on its own.
   *
   * @return whether that was news; false when it is tracked already
   */
  public boolean admit(String project, long batch) {
    Tracked mine = Tracked.of(batch);
    return projects.compute(
            project, (p, before) -> before != null && before.batch == batch ? before : mine)
        == mine;
  }

  /** Takes an admitted batch out again, because no thread will come for it. */
  public void dismiss(String project, long batch) {
    Tracked tracked = projects.get(project);
    if (tracked != null && tracked.batch == batch) {
      settle(project, tracked);
    }
  }

  /**
   * Takes part: in serial mode waits for the lock. Closing the ticket lets the lock go and settles
   * the project's {@code Uni}, whatever happened in between.
   *
   * @param inSerialMode whether to hold the lock
   * @throws InterruptedException when interrupted before the lock was held; nothing is held then
   */
  public Ticket enter(String project, long batch, boolean inSerialMode)
      throws InterruptedException {
    admit(project, batch);
    Tracked tracked = projects.get(project);
    if (inSerialMode) {
      try {
        serial.lockInterruptibly();
      } catch (InterruptedException e) {
        dismiss(project, batch);
        throw e;
      }
    }
    return new Ticket() {
      private boolean open = true;

      @Override
      public void close() {
        if (!open) {
          return;
        }
        open = false;
        try {
          if (tracked != null) {
            settle(project, tracked);
          }
        } finally {
          if (inSerialMode) {
            serial.unlock();
          }
        }
      }
    };
  }

  /**
   * Settles when the project's active batch of this JVM has been left by its thread. It doesn't say
   * how the batch ended: that is in the database. Empty when no batch of the project is active.
   */
  public Optional<Uni<Void>> settled(String project) {
    return Optional.ofNullable(projects.get(project)).map(Tracked::settled);
  }

  /** The same for one batch; empty when that one is not active. */
  public Optional<Uni<Void>> left(String project, long batch) {
    return Optional.ofNullable(projects.get(project))
        .filter(tracked -> tracked.batch == batch)
        .map(Tracked::settled);
  }

  /** How many projects have an active batch in this JVM. */
  public int active() {
    return projects.size();
  }

  /** Whether a thread holds the lock of serial mode. */
  public boolean isSerialLocked() {
    return serial.isLocked();
  }

  private void settle(String project, Tracked tracked) {
    projects.remove(project, tracked);
    tracked.left.complete(null);
  }
}
