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
 * Controls a run from outside: requests a stop, changes its settings, and shows its threads and
 * holds. Safe for many threads.
 */
public final class RunControl {

  /**
   * Represents a thread of the run.
   *
   * @param since when it began
   * @param chunkSince when the current chunk began, null between two chunks
   */
  public record Worker(Instant since, @Nullable Instant chunkSince) {}

  /** Tracks one thread of the run: its current chunk and its hold. That thread closes it. */
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

    /** Sets what holds this thread back now; null for nothing. */
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

  private final AtomicBoolean shareRequested = new AtomicBoolean();
  private final StopSignal stop = new StopSignal();
  private final RunTime time = new RunTime();
  private final AtomicReference<@Nullable BatchSettings> settings = new AtomicReference<>();
  private final Set<Shift> shifts = ConcurrentHashMap.newKeySet();
  private final Clock clock;

  public RunControl(Clock clock) {
    this.clock = clock;
  }

  /** Returns how long the run has taken, without the time outside of its window. */
  public Duration ran() {
    return time.read(true);
  }

  RunTime time() {
    return time;
  }

  Clock clock() {
    return clock;
  }

  /** Returns the signal that requests a stop of the run. */
  public StopSignal stop() {
    return stop;
  }

  /** Requests a run of a single lane to share its rest with another. */
  public void requestShare() {
    shareRequested.set(true);
  }

  /** Returns and clears the request to share. */
  boolean takeShareRequest() {
    return shareRequested.get() && shareRequested.getAndSet(false);
  }

  /** Changes the settings of the run, from its next chunk on. */
  public void change(BatchSettings changed) {
    settings.set(changed);
  }

  /** Returns the hold of the thread that has been held longest. */
  public Optional<Hold> hold() {
    return shifts.stream()
        .map(shift -> shift.hold)
        .filter(Objects::nonNull)
        .min(Comparator.comparing(Hold::since));
  }

  /** Returns the threads that work on the run. */
  public List<Worker> workers() {
    return shifts.stream().map(shift -> new Worker(shift.since, shift.chunkSince)).toList();
  }

  /** Returns the current settings: those of the claim, unless changed since. */
  public BatchSettings settings(BatchSettings claimed) {
    BatchSettings changed = settings.get();
    return changed == null ? claimed : changed;
  }

  /** Registers a thread of the run. */
  Shift begin() {
    var shift = new Shift();
    shifts.add(shift);
    return shift;
  }
}
