package dev.rowmill.dispatch.pool;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tracks the active batch of each project in this JVM, and owns the lock of serial mode. Callers
 * wait on a project's {@code Uni}, which occupies no thread. Safe for many threads.
 *
 * <p>A batch is admitted when it is stored and entered by the thread that runs it. It leaves when
 * the ticket of that run is closed.
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

  /** Ensures that one serial batch runs at a time. It is fair; the serial queue sets the order. */
  private final ReentrantLock serial = new ReentrantLock(true);

  /**
   * Makes a batch its project's active one in this JVM. An earlier batch that has ended in the
   * database, but whose thread has not left, completes on its own.
   *
   * @return true if it was added; false when it is tracked already
   */
  public boolean admit(String project, long batch) {
    Tracked own = Tracked.of(batch);
    return projects.compute(
            project, (p, before) -> before != null && before.batch == batch ? before : own)
        == own;
  }

  /** Removes an admitted batch that no thread will run. */
  public void dismiss(String project, long batch) {
    Tracked tracked = projects.get(project);
    if (tracked != null && tracked.batch == batch) {
      settle(project, tracked);
    }
  }

  /**
   * Enters a batch, and in serial mode waits for the lock. Closing the ticket releases the lock and
   * completes the project's {@code Uni}, in any case.
   *
   * @param inSerialMode whether to hold the lock
   * @throws InterruptedException when interrupted while waiting for the lock; nothing is held then
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
   * Returns a {@code Uni} that completes when the thread of the project's active batch in this JVM
   * leaves it. The outcome of the batch is in the database only. Empty when no batch of the project
   * is active.
   */
  public Optional<Uni<Void>> settled(String project) {
    return Optional.ofNullable(projects.get(project)).map(Tracked::settled);
  }

  /** Returns the {@code Uni} of one batch; empty when that one is not active. */
  public Optional<Uni<Void>> left(String project, long batch) {
    return Optional.ofNullable(projects.get(project))
        .filter(tracked -> tracked.batch == batch)
        .map(Tracked::settled);
  }

  /** Counts the projects with an active batch in this JVM. */
  public int active() {
    return projects.size();
  }

  /** Checks whether a thread holds the lock of serial mode. */
  public boolean isSerialLocked() {
    return serial.isLocked();
  }

  private void settle(String project, Tracked tracked) {
    projects.remove(project, tracked);
    tracked.left.complete(null);
  }
}
