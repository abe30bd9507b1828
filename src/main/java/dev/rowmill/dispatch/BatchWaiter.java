package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.pool.ProjectTracker;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.NoSuchElementException;
import java.util.Optional;

/** Waits for the end of batches without holding a thread. Safe for many threads. */
@ApplicationScoped
public class BatchWaiter {

  /** Sets the first wait where the project has no tracked batch, such as between two batches. */
  private static final Duration BETWEEN_BATCHES = Duration.ofMillis(20);

  /** Limits the wait between two reads of a batch that nothing tracks, such as a paused one. */
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final BatchHistory history;
  private final ProjectTracker tracker;
  private final Clock clock;

  BatchWaiter(BatchHistory history, ProjectTracker tracker, Clock clock) {
    this.history = history;
    this.tracker = tracker;
    this.clock = clock;
  }

  /**
   * Waits for the end of a batch without holding a thread.
   *
   * @return the batch when it has ended, or as it is after {@code atMost}; fails with {@link
   *     NoSuchElementException} when the batch no longer exists
   */
  public Uni<BatchView> awaitEnd(BatchView batch, Duration atMost) {
    return new Wait(batch, clock.instant().plus(atMost)).untilEnd();
  }

  /** Waits for one batch until a deadline: alternates between awaiting a change and reading. */
  private final class Wait {

    private final BatchView batch;
    private final Instant deadline;

    /** Holds the time until the next read, where the tracker has nothing to wait for. */
    private Duration pause = BETWEEN_BATCHES;

    Wait(BatchView batch, Instant deadline) {
      this.batch = batch;
      this.deadline = deadline;
    }

    Uni<BatchView> untilEnd() {
      Optional<Uni<Void>> end = tracker.left(batch.project(), batch.id());
      if (end.isPresent()) {
        return atMost(end.get()).chain(() -> readAndContinueAfter(Uni.createFrom().voidItem()));
      }
      // Get this before reading: if the batch ends between the two, the tracker then has the
      // project's next batch.
      return readAndContinueAfter(tracker.settled(batch.project()).orElseGet(this::pause));
    }

    /** Reads the batch. Continues to wait after a change, unless it has ended or the time is up. */
    private Uni<BatchView> readAndContinueAfter(Uni<Void> change) {
      return Uni.createFrom()
          .voidItem()
          .emitOn(Infrastructure.getDefaultWorkerPool())
          .map(nothing -> history.find(batch.id()).orElseThrow(NoSuchElementException::new))
          .chain(
              now ->
                  // Timers count in milliseconds, and reject less than one.
                  now.status().isFinal() || millisLeft() < 1
                      ? Uni.createFrom().item(now)
                      : atMost(change).chain(this::untilEnd));
    }

    private Uni<Void> pause() {
      Uni<Void> paused = Uni.createFrom().voidItem().onItem().delayIt().by(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : pause;
      return paused;
    }

    private Uni<Void> atMost(Uni<Void> change) {
      Duration left = Duration.ofMillis(Math.max(1, millisLeft()));
      return change.ifNoItem().after(left).recoverWithItem((Void) null);
    }

    private long millisLeft() {
      return Duration.between(clock.instant(), deadline).toMillis();
    }
  }
}
