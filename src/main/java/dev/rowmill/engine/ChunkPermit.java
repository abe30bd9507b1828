package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.Preparation;
import dev.rowmill.throttle.Pace;
import dev.rowmill.throttle.Thresholds;
import dev.rowmill.throttle.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds one thread of a run back while a throttle requires it, and shows and records the reason.
 * For one thread.
 */
final class ChunkPermit implements AutoCloseable {

  /** Identifies the hold of a batch whose undo data has reached its limit. */
  static final String UNDO_SPACE = "undo-space";

  private final RunContext run;
  private final Pace pace;
  private final WindowGate gate;

  /** Stores whether the run stores undo data for its chunks. */
  private boolean keepsUndo;

  private @Nullable BatchSettings settings;
  private Thresholds limits;

  /**
   * @param held receives the reason of each wait, before it
   */
  ChunkPermit(RunContext run, RunControl.Shift shift, Pace pace, Consumer<String> held) {
    this.run = run;
    this.pace = pace;
    this.limits = run.thresholds();
    this.gate = new WindowGate(run, shift, held);
  }

  /**
   * Waits until the run is within its bounds, or a stop is requested.
   *
   * @param rest called before each wait
   * @return outcome with which the run ends, when it may not continue; else null
   */
  @Nullable RunOutcome awaitBounds(Runnable rest) throws InterruptedException {
    try {
      return gate.pass(rest);
    } finally {
      gate.open();
    }
  }

  /**
   * Waits until the next chunk may run, or a stop is requested.
   *
   * @param held called before each wait
   * @param rest called as well before each wait for the run's window
   * @param over whether to end the wait, because the thread leaves its lane
   * @return outcome with which the run ends, when it may not continue; else null
   */
  @Nullable RunOutcome await(Runnable held, Runnable rest, BooleanSupplier over)
      throws InterruptedException {
    try {
      while (!run.control().stop().isRequested() && !over.getAsBoolean()) {
        RunOutcome end =
            gate.pass(
                () -> {
                  held.run();
                  rest.run();
                });
        if (end != null || run.control().stop().isRequested()) {
          return end;
        }
        if (keepsUndo && run.space().isFull()) {
          held.run();
          gate.hold(
              UNDO_SPACE,
              "the undo data takes " + run.space().used() + " bytes of " + run.space().most(),
              WindowGate.LONGEST_PAUSE);
          continue;
        }
        Verdict verdict = pace.next(inForce(run.settings()));
        if (verdict instanceof Verdict.Fail fail) {
          return new RunOutcome.Failed(
              new Failure(
                  "server-overloaded",
                  Map.of("reason", fail.reason().text(), "message", fail.detail()),
                  List.of()));
        } else if (verdict instanceof Verdict.Wait wait) {
          held.run();
          gate.hold(wait.reason().text(), wait.detail(), wait.pause());
        } else {
          return null;
        }
      }
      return null;
    } finally {
      gate.open();
    }
  }

  /**
   * Waits until the next chunk is prepared, the run is no longer within its bounds, or a stop is
   * requested.
   *
   * @param rest called while the chunk is held back
   * @param over whether to end the wait, because the thread leaves its lane
   * @return outcome with which the run ends, when it may not continue; else null
   */
  @Nullable RunOutcome awaitPrepared(PreparedChunks prepared, Runnable rest, BooleanSupplier over)
      throws InterruptedException {
    try {
      while (!run.control().stop().isRequested() && !over.getAsBoolean()) {
        RunOutcome end =
            gate.pass(
                () -> {
                  prepared.rest();
                  rest.run();
                });
        if (end != null || prepared.await()) {
          return end;
        }
        Optional<Preparation.Hold> hold = prepared.hold();
        if (hold.isPresent()) {
          rest.run();
          gate.held(hold.get().reason(), hold.get().detail(), prepared.waited());
        }
      }
      return null;
    } finally {
      gate.open();
    }
  }

  /**
   * Shows, until the next chunk may run, that the database is unavailable.
   *
   * @param tries number of consecutive tries that failed for this reason
   */
  void show(DatabaseFailure away, int tries) {
    switch (away) {
      case READ_ONLY ->
          gate.show("database-read-only", "the server accepts no writes; tries so far: " + tries);
      case DISK_FULL ->
          gate.show("database-full", "the server's disk is full; tries so far: " + tries);
      default ->
          gate.show("database-away", "the server accepts no connections; tries so far: " + tries);
    }
  }

  /** Registers that the run stores undo data. */
  void keep() {
    keepsUndo = true;
  }

  /** Returns whether the next chunk may run at once. */
  boolean isOpen() {
    return !(keepsUndo && run.space().isFull())
        && pace.next(inForce(run.settings())) instanceof Verdict.Go;
  }

  /** Sets the connection on which the chunks run. */
  void connection(long serverId) {
    pace.connection(serverId);
  }

  void chunkDone(long rows, Duration took, Duration commit) {
    pace.chunkDone(rows, took, commit);
  }

  private Thresholds inForce(BatchSettings now) {
    if (!now.equals(settings)) {
      settings = now;
      limits = inForce(now.limits(), run.thresholds());
    }
    return limits;
  }

  private static Thresholds inForce(ThrottleLimits own, Thresholds configured) {
    Integer rate = own.rowsPerSecond();
    return new Thresholds(
        millis(own.replicaLagMillis(), configured.replicaLag()),
        own.threadsRunning() == null ? configured.threadsRunning() : own.threadsRunning(),
        own.threadsRunningCritical() == null
            ? configured.threadsRunningCritical()
            : own.threadsRunningCritical(),
        millis(own.commitMillis(), configured.commitLatency()),
        own.historyLength() == null ? configured.historyLength() : own.historyLength(),
        millis(own.lockWaitMillis(), configured.lockWait()),
        rate == null || rate == 0 ? null : Long.valueOf(rate),
        own.nice() == null ? configured.nice() : own.nice(),
        Boolean.TRUE.equals(own.ignoreThrottle()));
  }

  private static Duration millis(@Nullable Integer own, Duration configured) {
    return own == null ? configured : Duration.ofMillis(own);
  }

  @Override
  public void close() {
    pace.close();
    gate.close();
  }
}
