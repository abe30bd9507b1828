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
public final class RunRecord {

  /**
   * How far a run has come.
   *
   * @param batch as it was claimed
   * @param progress of its newest chunk
   * @param number grows with each chunk
   */
  public record State(BatchView batch, Progress progress, long number) {}

  private static final Duration WORTH_KEEPING = Duration.ofSeconds(1);

  private final Clock clock;
  private final Instant began;

  /** Whether it has run before, in this process or another. */
  private final boolean goesOn;

  /** Of what has happened in this process, until it was joined. */
  private Timeline timeline;

  /** Whether the timeline has all that was known before. */
  private boolean joined;

  private Speedometer speed;
  private @Nullable Duration lastChunk;
  private State state;
  private boolean running = true;

  /** A batch begins to run that has not done so in this process. */
  RunRecord(BatchView batch, Clock clock) {
    this.clock = clock;
    long scanned = batch.progress().rowsScanned();
    began = clock.instant();
    timeline = new Timeline(began, scanned);
    goesOn = batch.progress().chunks() > 0;
    joined = !goesOn;
    speed = new Speedometer(System.nanoTime(), scanned);
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

  /** Whether anybody will want to see how it went: what is over at once has no course. */
  boolean isWorthKeeping() {
    return goesOn || Duration.between(began, clock.instant()).compareTo(WORTH_KEEPING) >= 0;
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

  public synchronized State state() {
    return state;
  }

  long batch() {
    return state().batch.id();
  }

  synchronized Speed speed() {
    long now = System.nanoTime();
    double lately = speed.perSecond(Speedometer.LATELY, now);
    return new Speed(
        speed.perSecond(Speedometer.MOMENT, now),
        lately > 0 ? OptionalDouble.of(lately) : OptionalDouble.empty(),
        Optional.ofNullable(lastChunk));
  }

  /** Whether what was known of the batch before it ran in this process is still to be joined. */
  synchronized boolean isToBeJoined() {
    return !joined;
  }

  /**
   * Puts what was known before in front.
   *
   * @param earlier null where nothing was known
   */
  synchronized void join(@Nullable StoredTimeline earlier) {
    if (!joined) {
      joined = true;
      if (earlier != null) {
        var whole = new Timeline(earlier);
        whole.goOn(timeline);
        timeline = whole;
      }
    }
  }

  synchronized TimelineView timeline() {
    return timelineToNow().view();
  }

  synchronized StoredTimeline storedTimeline() {
    return timelineToNow().stored();
  }

  synchronized Duration step() {
    return timeline.step();
  }

  private Timeline timelineToNow() {
    if (running) {
      timeline.goesOnUntil(clock.instant());
    }
    return timeline;
  }
}
