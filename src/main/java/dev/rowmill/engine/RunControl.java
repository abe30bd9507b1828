package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.Hold;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A run seen from outside: it is told to stop or what settings to go on with, and shows its threads
 * and what holds it back. Safe for many threads.
 */
public final class RunControl {

  /**
   * A thread of the run.
   *
   * @param since when it began
   * @param chunkSince when the chunk in hand began, null between two chunks
   */
  public record Worker(Instant since, @Nullable Instant chunkSince) {}

  /** A thread's own part; to be closed by it. */
  final class Shift implements AutoCloseable {
    private final Instant since = clock.instant();
    private volatile @Nullable Instant chunkSince;
    private volatile @Nullable Hold hold;

    void chunkBegins() {
      chunkSince = clock.instant();
    }

    void chunkEnds() {
      chunkSince = null;
    }

    /** Says what holds this thread back now; null for nothing. */
    void hold(@Nullable String reason, String detail) {
      Hold before = hold;
      if (reason == null) {
        hold = null;
      } else if (before == null || !before.reason().equals(reason)) {
        hold = new Hold(reason, detail, clock.instant());
      } else {
        hold = new Hold(reason, detail, before.since());
      }
    }

    @Override
    public void close() {
      shifts.remove(this);
    }
  }

  private final AtomicBoolean shareAsked = new AtomicBoolean();
  private final StopSignal stop = new StopSignal();
  private final RunTime time = new RunTime();
  private final AtomicReference<@Nullable BatchSettings> settings = new AtomicReference<>();
  private final Set<Shift> shifts = ConcurrentHashMap.newKeySet();
  private final Clock clock;

  public RunControl(Clock clock) {
    this.clock = clock;
  }

  /** How long the run has taken, but for the time outside of its window. */
  public Duration ran() {
    return time.look(true);
  }

  RunTime time() {
    return time;
  }

  Clock clock() {
    return clock;
  }

  /** By which the run is asked to stop. */
  public StopSignal stop() {
    return stop;
  }

  /** Asks a run of a single lane to share its rest with another. */
  public void askToShare() {
    shareAsked.set(true);
  }

  /** Whether that was asked since the last look. */
  boolean takeShareAsked() {
    return shareAsked.get() && shareAsked.getAndSet(false);
  }

  /** Gives the run other settings, from its next chunk on. */
  public void change(BatchSettings changed) {
    settings.set(changed);
  }

  /** What holds the run back: of its threads the one that has been held longest. */
  public Optional<Hold> hold() {
    return shifts.stream()
        .map(shift -> shift.hold)
        .filter(Objects::nonNull)
        .min(Comparator.comparing(Hold::since));
  }

  /** The threads that work on the run. */
  public List<Worker> workers() {
    return shifts.stream().map(shift -> new Worker(shift.since, shift.chunkSince)).toList();
  }

  /** Settings to go on with; those stored with the claim, unless told others since. */
  public BatchSettings settings(BatchSettings claimed) {
    BatchSettings told = settings.get();
    return told == null ? claimed : told;
  }

  /** A thread begins to work on the run. */
  Shift begin() {
    var shift = new Shift();
    shifts.add(shift);
    return shift;
  }
}
