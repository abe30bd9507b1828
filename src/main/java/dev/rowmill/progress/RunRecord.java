package dev.rowmill.progress;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How one batch goes in this process: how far it is, how fast, and how it went over time. Safe for
 * many threads.
 */
final class RunRecord {

  /**
   * How far a run has come.
   *
   * @param batch as it was claimed
   * @param progress of its newest chunk
   * @param number grows with each chunk
   */
  record State(BatchView batch, Progress progress, long number) {}

  private final Clock clock;
  private final long scannedBefore;
  private final Timeline timeline;
  private final Instant began;
  private Speedometer speed;
  private @Nullable Duration lastChunk;
  private State state;
  private boolean running = true;

  /** A batch begins to run that has not done so in this process. */
  RunRecord(BatchView batch, Clock clock) {
    this.clock = clock;
    scannedBefore = batch.progress().rowsScanned();
    began = clock.instant();
    timeline = new Timeline(began, scannedBefore);
    speed = new Speedometer(System.nanoTime(), scannedBefore);
    state = new State(batch, batch.progress(), 0);
  }

  /** Another run of it begins: the time in between is nobody's slowness. */
  synchronized void begins(BatchView batch) {
    running = true;
    speed = new Speedometer(System.nanoTime(), batch.progress().rowsScanned());
    state = new State(batch, batch.progress(), state.number + 1);
  }

  /** Its run is over. */
  synchronized void ends() {
    running = false;
  }

  synchronized boolean isRunning() {
    return running;
  }

  /** How long it is since it began. */
  Duration age() {
    return Duration.between(began, clock.instant());
  }

  /**
   * @param took zero when unknown
   */
  synchronized void chunkDone(Progress progress, Duration took) {
    // Lanes that finish at the same time may tell it in either order.
    Progress known = state.progress;
    boolean newer = progress.chunks() > known.chunks();
    long rows = newer ? progress.rowsScanned() - known.rowsScanned() : 0;
    state = new State(state.batch, newer ? progress : known, state.number + 1);
    timeline.chunkDone(clock.instant(), rows, took);
    speed.add(System.nanoTime(), state.progress.rowsScanned());
    if (!took.isZero()) {
      lastChunk = took;
    }
  }

  synchronized void heldBack(String reason, Duration held) {
    timeline.waited(clock.instant(), reason, held);
  }

  synchronized void retried() {
    timeline.retried(clock.instant());
  }

  synchronized State state() {
    return state;
  }

  synchronized Speed speed() {
    long now = System.nanoTime();
    double lately = speed.perSecond(Speedometer.LATELY, now);
    return new Speed(
        speed.perSecond(Speedometer.MOMENT, now),
        lately > 0 ? OptionalDouble.of(lately) : OptionalDouble.empty(),
        Optional.ofNullable(lastChunk));
  }

  synchronized TimelineView timeline() {
    if (running) {
      timeline.goesOnUntil(clock.instant());
    }
    return timeline.view();
  }
}
