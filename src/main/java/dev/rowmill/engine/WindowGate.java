package dev.rowmill.engine;

import dev.rowmill.batch.Failure;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds one thread of a run back outside of its window, shows why, and keeps the record of it. For
 * one thread.
 */
final class WindowGate implements AutoCloseable {

  /** Settings and stops are looked at so often at least. */
  static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  static final String WINDOW = "window";

  private final RunContext run;
  private final RunControl.Shift shift;
  private final WaitRecorder waits;

  WindowGate(RunContext run, RunControl.Shift shift) {
    this.run = run;
    this.shift = shift;
    this.waits = new WaitRecorder(run::storeWait);
  }

  /**
   * Waits until the run is within its bounds, or a stop is asked for. It shows what held it until
   * {@link #open}.
   *
   * @param rest is called where there is something to wait for
   * @return how the run ends, when it may never go on; else null
   */
  @Nullable RunOutcome pass(Runnable rest) throws InterruptedException {
    while (!run.control().stop().isRequested()) {
      Optional<String> until = run.bounds().closedUntil();
      Optional<Failure> spent = run.bounds().spent(until.isEmpty());
      if (spent.isPresent()) {
        return new RunOutcome.Failed(spent.get());
      } else if (until.isEmpty()) {
        return null;
      }
      rest.run();
      hold(WINDOW, "until " + until.get(), LONGEST_PAUSE);
    }
    return null;
  }

  /** Waits for a time, for a reason. */
  void hold(String reason, String detail, Duration pause) throws InterruptedException {
    shift.hold(reason, detail);
    long started = System.nanoTime();
    run.control().stop().await(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    Duration held = Duration.ofNanos(System.nanoTime() - started);
    run.heldBack(reason, held);
    waits.add(reason, held);
  }

  /** Shows what holds it, while it is waited for elsewhere. */
  void show(String reason, String detail) {
    shift.hold(reason, detail);
  }

  /** Nothing holds it any more. */
  void open() {
    shift.hold(null, "");
  }

  @Override
  public void close() {
    waits.close();
  }
}
