package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Limits;
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
final class Brake implements AutoCloseable {

  /** Settings and stops are looked at so often at least. */
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  /** Why a batch waits whose chunks can't be kept for want of room. */
  static final String UNDO_SPACE = "undo-space";

  private final Run run;
  private final RunControl.Shift shift;
  private final Pace pace;
  private final WaitBook waits;

  /** Set once it is known that what the chunks change is kept. */
  private boolean keeps;

  private @Nullable BatchSettings settings;
  private Thresholds limits;

  Brake(Run run, RunControl.Shift shift, Pace pace) {
    this.run = run;
    this.shift = shift;
    this.pace = pace;
    this.limits = run.thresholds();
    this.waits = new WaitBook(run::storeWait);
  }

  /**
   * Waits until the next chunk may run, or a stop is asked for.
   *
   * @return how the run ends, when it may never; else null
   */
  @Nullable Outcome await() throws InterruptedException {
    try {
      while (!run.control().stop().isRequested()) {
        if (keeps && run.space().isFull()) {
          hold(
              UNDO_SPACE,
              "what is kept for undo takes "
                  + run.space().used()
                  + " bytes of "
                  + run.space().most(),
              LONGEST_PAUSE);
          continue;
        }
        Verdict verdict = pace.next(inForce(run.settings()));
        if (verdict instanceof Verdict.Fail fail) {
          return new Outcome.Failed(
              new Failure(
                  "server-overloaded",
                  Map.of("reason", fail.reason().text(), "message", fail.detail()),
                  List.of()));
        } else if (verdict instanceof Verdict.Wait wait) {
          hold(wait.reason().text(), wait.detail(), wait.pause());
        } else {
          return null;
        }
      }
      return null;
    } finally {
      shift.hold(null, "");
    }
  }

  private void hold(String reason, String detail, Duration pause) throws InterruptedException {
    shift.hold(reason, detail);
    long started = System.nanoTime();
    run.control().stop().await(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    Duration held = Duration.ofNanos(System.nanoTime() - started);
    run.heldBack(reason, held);
    waits.add(reason, held);
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

  private static Thresholds inForce(Limits own, Thresholds configured) {
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
    waits.close();
  }
}
