package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.LaneLeases;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Leases the lanes of a run to other nodes, as many as its settings allow, and follows their
 * progress. When a worker could be added, it requests a share of the lane with the largest rest.
 * Once begun, it works on a thread of its own, which polls several times a second. A failed read or
 * write only delays it: the epochs of the lanes exclude stale writers.
 */
final class LeaseManager implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  private static final long POLL_MILLIS = 250;

  /**
   * Limits how long other nodes may take to finish their current chunks once a stop is requested.
   */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /**
   * Limits the time that a leased lane may go without a chunk before an idle worker here may take
   * it back.
   */
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /**
   * Holds when a leased lane was last seen to progress.
   *
   * @param nanos time by {@link System#nanoTime}
   */
  private record Sign(int epoch, long chunks, long nanos) {}

  private final Map<Integer, Sign> signs = new HashMap<>();
  private final RunContext run;
  private final LaneTable table;
  private final CheckGate checkGate;
  private final LaneLeases leases;
  private final Executor threads;

  private volatile int workers = 1;
  private boolean begun;
  private boolean closed;
  private boolean over;

  /**
   * @param threads executor that never queues a task
   */
  LeaseManager(
      RunContext run, LaneTable table, CheckGate checkGate, LaneLeases leases, Executor threads) {
    this.run = run;
    this.table = table;
    this.checkGate = checkGate;
    this.leases = leases;
    this.threads = threads;
  }

  /** Sets how many lanes may be worked on, here and elsewhere; 0 takes back all leased ones. */
  synchronized void workers(int lanes) {
    workers = lanes;
    if (lanes > 1 && !begun && !closed) {
      begun = true;
      threads.execute(this::follow);
    }
  }

  private void follow() {
    long stoppedAt = 0;
    try {
      while (!isClosed()) {
        try {
          poll();
        } catch (RuntimeException | Error e) {
          LOG.debug("The lanes of other nodes can't be checked yet", e);
        }
        if (run.control().stop().isRequested()) {
          stoppedAt = stoppedAt == 0 ? System.nanoTime() : stoppedAt;
          if (!table.hasLeased() || System.nanoTime() - stoppedAt > GRACE.toNanos()) {
            table.end(new RunOutcome.Stopped());
          }
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        over = true;
        notifyAll();
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void pause() throws InterruptedException {
    if (!closed) {
      wait(POLL_MILLIS);
    }
  }

  private void poll() {
    Optional<List<LaneLeases.Seen>> found = leases.look(run.batch().id(), run.claim().epoch());
    if (found.isEmpty()) {
      table.end(new RunOutcome.Overtaken());
      return;
    }
    List<LaneLeases.Seen> lanes = found.get();
    // Add the lanes that were split from others first; else no work might seem to remain.
    lanes.stream()
        .filter(seen -> !seen.isLeased() && !table.isAway(seen.lane().lane()))
        .forEach(seen -> table.learn(List.of(seen.lane())));
    boolean moved = false;
    for (LaneLeases.Seen seen : lanes) {
      if (seen.isLeased()) {
        moved |= follow(seen);
      } else if (table.isAway(seen.lane().lane())) {
        moved = true;
        table.returned(seen.lane(), outcome(seen));
      }
    }
    if (moved) {
      run.movedElsewhere(table.progress());
    }
    if (!run.control().stop().isRequested() && !table.isOver() && checkGate.isPast()) {
      staff(lanes.stream().filter(LaneLeases.Seen::isLeased).toList());
    }
  }

  /** Returns whether a leased lane has progressed. */
  private boolean follow(LaneLeases.Seen seen) {
    LaneState lane = seen.lane();
    boolean moved = table.update(lane);
    if (moved) {
      checkGate.chunkDone();
    }
    if (Boolean.FALSE.equals(seen.share())) {
      table.markIndivisible(lane);
    }
    Sign sign = signs.get(lane.lane());
    if (sign == null || sign.chunks != lane.progress().chunks() || sign.epoch != lane.epoch()) {
      signs.put(lane.lane(), new Sign(lane.epoch(), lane.progress().chunks(), System.nanoTime()));
    }
    return moved;
  }

  /** Returns the outcome of the work on a returned lane; null when the lane has to be continued. */
  private static @Nullable RunOutcome outcome(LaneLeases.Seen seen) {
    if (seen.failure() != null) {
      return new RunOutcome.Failed(seen.failure());
    }
    return seen.lane().isDone() ? new RunOutcome.Succeeded(List.of(seen.lane())) : null;
  }

  private void staff(List<LaneLeases.Seen> leased) {
    // A node with a leased lane can't count the rows of the other lanes against a common rate.
    int most = run.settings().limits().rowsPerSecond() == null ? workers : 1;
    int free = most - table.working();
    if (free < 0) {
      table.newestAway().ifPresent(leases::takeBack);
      return;
    }
    for (LaneState lane : table.spare()) {
      if (free > 0 && table.takeForLease(lane.lane())) {
        free--;
        // If the lease fails, or its response is lost, the next poll detects it.
        leases.lease(lane);
      }
    }
    if (table.isIdle()) {
      // All threads might be held by runs that wait for lanes, which in turn wait for threads.
      leased.stream()
          .filter(seen -> !seen.isTaken() || isSilent(seen.lane()))
          .findFirst()
          .ifPresent(seen -> leases.takeBack(seen.lane()));
    }
    boolean asking =
        leased.stream().anyMatch(seen -> seen.isTaken() && Boolean.TRUE.equals(seen.share()));
    if (free > 0 && !asking) {
      Set<Integer> unbegun =
          leased.stream()
              .filter(seen -> !seen.isTaken())
              .map(seen -> seen.lane().lane())
              .collect(Collectors.toSet());
      share(table.largest(unbegun));
    }
  }

  private void share(Optional<LaneState> largest) {
    if (largest.isPresent() && table.isAway(largest.get().lane())) {
      leases.requestShare(number(largest.get()));
    } else {
      largest.ifPresent(lane -> table.ask(lane.lane()));
    }
  }

  private boolean isSilent(LaneState lane) {
    Sign sign = signs.get(lane.lane());
    return sign != null && System.nanoTime() - sign.nanos > SILENCE.toNanos();
  }

  private static LaneLeases.Lane number(LaneState lane) {
    return new LaneLeases.Lane(lane.batch(), lane.lane());
  }

  /**
   * Ends the polling, and waits for a poll in progress. If the run was requested to stop, other
   * nodes first get time to finish their current chunks. Later, the batch's next status takes back
   * the remaining leased lanes.
   */
  @Override
  public void close() {
    boolean interrupted = false;
    long deadline = System.nanoTime() + GRACE.toNanos();
    synchronized (this) {
      while (begun && !over) {
        boolean patient =
            run.control().stop().isRequested()
                && table.hasLeased()
                && checkGate.isPast()
                && System.nanoTime() < deadline
                && !interrupted;
        closed |= !patient;
        notifyAll();
        try {
          wait(POLL_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      closed = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
