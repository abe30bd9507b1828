package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.throttle.Pace;
import dev.rowmill.throttle.Thresholds;
import dev.rowmill.throttle.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds one thread of a run back while a throttle says so, shows why, and keeps the record of it.
 * For one thread.
 */
final class ChunkPermit implements AutoCloseable {

  /** Why a batch waits whose chunks can't be kept for want of room. */
  static final String UNDO_SPACE = "undo-space";

  private final RunContext run;
  private final Pace pace;
  private final WindowGate gate;

  /** Set once it is known that what the chunks change is kept. */
  private boolean keeps;

  private @Nullable BatchSettings settings;
  private Thresholds limits;

  ChunkPermit(RunContext run, RunControl.Shift shift, Pace pace) {
    this.run = run;
    this.pace = pace;
    this.limits = run.thresholds();
    this.gate = new WindowGate(run, shift);
  }

  /**
   * Waits until the run is within its bounds, or a stop is asked for.
   *
   * @param rest is called where there is something to wait for
   * @return how the run ends, when it may never; else null
   */
  @Nullable RunOutcome awaitBounds(Runnable rest) throws InterruptedException {
    try {
      return gate.pass(rest);
    } finally {
      gate.open();
    }
  }

  /**
   * Waits until the next chunk may run, or a stop is asked for.
   *
   * @param rest is called where it is the run's window to be waited for
   * @return how the run ends, when it may never; else null
   */
  @Nullable RunOutcome await(Runnable rest) throws InterruptedException {
    try {
      while (!run.control().stop().isRequested()) {
        RunOutcome end = gate.pass(rest);
        if (end != null || run.control().stop().isRequested()) {
          return end;
        }
        if (keeps && run.space().isFull()) {
          gate.hold(
              UNDO_SPACE,
              "what is kept for undo takes "
                  + run.space().used()
                  + " bytes of "
                  + run.space().most(),
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
   * Shows that nobody can use the database just now, until the next chunk may run.
   *
   * @param tries in a row that met it
   */
  void show(DatabaseFailure away, int tries) {
    switch (away) {
      case READ_ONLY ->
          gate.show("database-read-only", "the server takes no writes; tries so far: " + tries);
      case DISK_FULL ->
          gate.show("database-full", "the server's disk is full; tries so far: " + tries);
      default ->
          gate.show("database-away", "the server takes no connection; tries so far: " + tries);
    }
  }

  /** Says that what the chunks change is kept. */
  void keep() {
    keeps = true;
  }

  /** Whether the next chunk may run at once. */
  boolean isOpen() {
    return !(keeps && run.space().isFull())
        && pace.next(inForce(run.settings())) instanceof Verdict.Go;
  }

  /** Tells on which connection the chunks run. */
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
