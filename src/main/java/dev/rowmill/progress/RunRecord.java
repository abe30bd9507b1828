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
 * Records the progress of one batch in this process, its speed, and its timeline. Safe for many
 * threads.
 */
public final class RunRecord {

  /**
   * Holds the progress of a run at one moment.
   *
   * @param batch the batch as it was claimed
   * @param progress progress after its newest chunk
   * @param number grows with each chunk
   */
  public record State(BatchView batch, Progress progress, long number) {}

  private static final Duration WORTH_KEEPING = Duration.ofSeconds(1);

  private final Clock clock;
  private final Instant began;

  /** Is true where the batch has run before, in this process or another. */
  private final boolean resumed;

  /** Holds the timeline of this process, and the stored one as soon as they are joined. */
  private Timeline timeline;

  /** Is true once the timeline includes the stored one. */
  private boolean joined;

  private int lanes;
  private Speedometer speed;
  private @Nullable Duration lastChunk;
  private State state;
  private boolean running = true;

  /** Records a batch that begins to run for the first time in this process. */
  RunRecord(BatchView batch, Clock clock) {
    this.clock = clock;
    long scanned = batch.progress().rowsScanned();
    began = clock.instant();
    lanes = batch.settings().firstLanes();
    timeline = new Timeline(began, scanned, lanes);
    resumed = batch.progress().chunks() > 0;
    joined = !resumed;
    speed = new Speedometer(System.nanoTime(), scanned);
    state = new State(batch, batch.progress(), 0);
  }

  /** Records a later run of the batch. Does not count the pause before it as slow progress. */
  synchronized void begins(BatchView batch) {
    running = true;
    lanes = batch.settings().firstLanes();
    timeline.lanes(clock.instant(), lanes);
    speed = new Speedometer(System.nanoTime(), batch.progress().rowsScanned());
    state = new State(batch, batch.progress(), state.number + 1);
  }

  /** Records the end of a run. */
  synchronized void ends() {
    running = false;
  }

  synchronized boolean isRunning() {
    return running;
  }

  /**
   * Checks whether the timeline is worth storing: not if the batch began and ended within a second.
   */
  boolean isWorthKeeping() {
    return resumed || Duration.between(began, clock.instant()).compareTo(WORTH_KEEPING) >= 0;
  }

  /**
   * Records a chunk.
   *
   * @param took duration of the chunk; zero when unknown
   */
  synchronized void chunkDone(Progress progress, Duration took) {
    // Lanes that finish at the same time may report in either order.
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

  synchronized void lanesChanged(int number, String reason) {
    lanes = number;
    timeline.lanesChanged(clock.instant(), number, reason);
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
        Optional.ofNullable(lastChunk),
        lanes);
  }

  /** Checks whether the timeline must still be joined with the stored one. */
  synchronized boolean isToBeJoined() {
    return !joined;
  }

  /**
   * Prepends the stored timeline.
   *
   * @param earlier null where none is stored
   */
  synchronized void join(@Nullable StoredTimeline earlier) {
    if (!joined) {
      joined = true;
      if (earlier != null) {
        var complete = new Timeline(earlier);
        complete.append(timeline);
        timeline = complete;
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
      timeline.extendTo(clock.instant());
    }
    return timeline;
  }
}
