package dev.rowmill.engine;

import dev.rowmill.batch.Failure;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds one thread of a run back outside of its window, and shows and records the reason. For one
 * thread.
 */
final class WindowGate implements AutoCloseable {

  /** Limits the interval between two checks of the settings and of a stop. */
  static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  static final String WINDOW = "window";

  private final RunContext run;
  private final RunControl.Shift shift;
  private final Consumer<String> held;
  private final WaitRecorder waits;

  /**
   * @param held receives the reason of each wait, before it
   */
  WindowGate(RunContext run, RunControl.Shift shift, Consumer<String> held) {
    this.run = run;
    this.shift = shift;
    this.held = held;
    this.waits = new WaitRecorder(run::storeWait);
  }

  /**
   * Waits until the run is within its bounds, or a stop is requested. Shows the reason until {@link
   * #open}.
   *
   * @param rest called before each wait
   * @return outcome with which the run ends, when it may not continue; else null
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

  /** Waits for at most {@link #LONGEST_PAUSE}, and records the reason. */
  void hold(String reason, String detail, Duration pause) throws InterruptedException {
    shift.hold(reason, detail);
    held.accept(reason);
    long started = System.nanoTime();
    run.control().stop().await(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    record(reason, Duration.ofNanos(System.nanoTime() - started));
  }

  /** Shows and records the reason of a wait that happened elsewhere and goes on. */
  void held(String reason, String detail, Duration took) {
    shift.hold(reason, detail);
    held.accept(reason);
    record(reason, took);
  }

  private void record(String reason, Duration took) {
    run.heldBack(reason, took);
    waits.add(reason, took);
  }

  /** Shows the reason of a wait that happens elsewhere. */
  void show(String reason, String detail) {
    shift.hold(reason, detail);
  }

  /** Clears the reason that is shown. */
  void open() {
    shift.hold(null, "");
  }

  @Override
  public void close() {
    waits.close();
  }
}
