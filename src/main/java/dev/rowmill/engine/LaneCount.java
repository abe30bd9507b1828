package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.Progress;
import dev.rowmill.throttle.Pace;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds how many lanes of a run may be worked on now: the requested number, or the one that {@link
 * AutomaticLanes} chooses within the budget of the node and the free threads of the pool. Reports
 * each change. Safe for the threads of the run.
 */
final class LaneCount implements AutoCloseable {

  /** Names the reason of a number that a caller has requested. */
  static final String REQUESTED = "requested";

  /** Names the reason of a change because batches wait for the threads of the pool. */
  static final String POOL_BUSY = "pool-busy";

  /** Names the reason of a change because the server runs statements of others. */
  static final String SERVER_BUSY = "server-busy";

  /** Names the reason of a change after an error, such as a deadlock. */
  static final String RETRY = "retry";

  /** Names the reason of a change because no lane can be divided. */
  static final String NOTHING_TO_SHARE = "nothing-to-share";

  /** Sets how long the server must be busy with others: longer than from one sample to the next. */
  private static final long BUSY = Duration.ofMillis(750).toNanos();

  private final RunContext run;
  private final LaneContext<?> lanes;
  private final LaneBudget budget;
  private final LanePool pool;
  private final Pace pace;

  private BatchSettings settings;

  /** Chooses the number; null while a caller has chosen it. */
  private @Nullable AutomaticLanes automatic;

  private volatile int now;
  private @Nullable Long busySince;

  LaneCount(LaneContext<?> lanes, LaneBudget budget, LanePool pool, Pace pace) {
    this.run = lanes.run();
    this.lanes = lanes;
    this.budget = budget;
    this.pool = pool;
    this.pace = pace;
    this.settings = run.settings();
    automatic = settings.hasAutomaticLanes() ? new AutomaticLanes() : null;
    now = settings.firstLanes();
  }

  /** Returns how many lanes may be worked on now. */
  int now() {
    return now;
  }

  /** Returns whether the number is chosen here. */
  synchronized boolean isAutomatic() {
    return automatic != null;
  }

  /** Applies the current settings. */
  synchronized void follow() {
    BatchSettings changed = run.settings();
    if (changed.lanes() != settings.lanes()) {
      giveBack(1);
      automatic = changed.hasAutomaticLanes() ? new AutomaticLanes() : null;
      set(changed.firstLanes(), REQUESTED);
    }
    settings = changed;
  }

  /** Records a committed chunk. */
  synchronized void chunkDone(int lane, long rows, Duration commit, Progress progress) {
    if (automatic == null) {
      return;
    }
    long at = System.nanoTime();
    if (now > 1 && pool.spare() < 0) {
      reduce(at, 1, POOL_BUSY);
    } else if (now > 1 && isBusy(at)) {
      reduce(at, 1, SERVER_BUSY);
    } else {
      Long total = progress.rowsTotal();
      long left = total == null ? Long.MAX_VALUE : total - progress.rowsScanned();
      apply(automatic.chunkDone(at, lane, rows, commit, left, this::mayAdd));
    }
  }

  /** Records that a throttle holds a thread of the run. */
  synchronized void held(String reason) {
    reduce(System.nanoTime(), 1, reason);
  }

  /** Records a chunk that is retried after an error of the server. */
  synchronized void retried() {
    reduce(System.nanoTime(), Math.max(1, now - 1), RETRY);
  }

  /** Records that a worker has found no lane, and no other that can be divided. */
  synchronized void hasNothingToShare(int workers) {
    if (workers < now) {
      reduce(System.nanoTime(), workers, NOTHING_TO_SHARE);
    }
  }

  private void reduce(long at, int most, String reason) {
    if (automatic != null) {
      apply(automatic.reduce(at, most, reason));
    }
  }

  private boolean mayAdd() {
    return lanes.checkGate().isPast()
        && !lanes.needsOrder()
        && lanes.table().isDivisible()
        && pace.othersRunning() <= budget.othersRunning()
        && pool.spare() > 0
        && budget.take();
  }

  private boolean isBusy(long at) {
    if (pace.othersRunning() <= budget.othersRunning()) {
      busySince = null;
    } else if (busySince == null) {
      busySince = at;
    }
    return busySince != null && at - busySince > BUSY;
  }

  private void apply(Optional<AutomaticLanes.Change> change) {
    if (change.isPresent()) {
      giveBack(change.get().lanes());
      set(change.get().lanes(), change.get().reason());
    }
  }

  /** Returns what the budget has given for more lanes than these. */
  private void giveBack(int fewer) {
    if (automatic != null && now > fewer) {
      budget.release(now - fewer);
    }
  }

  private void set(int lanes, String reason) {
    if (lanes != now) {
      now = lanes;
      run.lanesChanged(lanes, reason);
    }
  }

  @Override
  public synchronized void close() {
    giveBack(1);
    automatic = null;
  }
}
