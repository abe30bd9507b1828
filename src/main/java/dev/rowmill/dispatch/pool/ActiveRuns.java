package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.engine.ChunkConfig;
import dev.rowmill.engine.RunControl;
import dev.rowmill.progress.HoldSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the runs on this node, each from its launch until its thread leaves it, and publishes
 * their state. Safe for many threads.
 */
@ApplicationScoped
public class ActiveRuns implements HoldSource {

  /** Sets how many times its target duration a chunk may take before it counts as stuck. */
  private static final int STUCK_AFTER_TARGETS = 10;

  /** Represents a run that is launched on this node. */
  public static final class Launched {
    private final BatchView batch;

    /** Holds the lane that is processed for another node's run; null for the batch's own run. */
    private final @Nullable Integer lane;

    private final RunControl control;

    /** Is set once, by the run's thread or by the caller that removes the run before. */
    private final AtomicBoolean taken = new AtomicBoolean();

    private volatile @Nullable Instant since;

    private Launched(BatchView batch, @Nullable Integer lane, RunControl control) {
      this.batch = batch;
      this.lane = lane;
      this.control = control;
    }

    /** Returns the batch as it was launched. */
    public BatchView batch() {
      return batch;
    }

    /**
     * Returns the number of the lane that is processed for another node's run; empty for an own
     * run.
     */
    public OptionalInt lane() {
      return lane == null ? OptionalInt.empty() : OptionalInt.of(lane);
    }

    /** Returns the control through which the run receives its commands. */
    public RunControl control() {
      return control;
    }

    /** Checks whether a thread has begun with the run. */
    public boolean isAtWork() {
      return since != null;
    }

    /** Claims the entry, to run it or to remove it; true for the first caller only. */
    boolean take() {
      return taken.compareAndSet(false, true);
    }
  }

  private final ChunkConfig chunk;
  private final Clock clock;
  private final Map<Key, Launched> launched = new ConcurrentHashMap<>();

  private record Key(long batch, @Nullable Integer lane) {}

  ActiveRuns(ChunkConfig chunk, Clock clock) {
    this.chunk = chunk;
    this.clock = clock;
  }

  /** Adds a batch. Stops an earlier run of it that has not ended yet. */
  public Launched add(BatchView batch) {
    return add(batch, null);
  }

  /** Adds a lane that is processed for another node's run. */
  public Launched addLane(BatchView batch, int lane) {
    return add(batch, lane);
  }

  private Launched add(BatchView batch, @Nullable Integer lane) {
    var added = new Launched(batch, lane, new RunControl(clock));
    Launched before = launched.put(new Key(batch.id(), lane), added);
    if (before != null) {
      before.control.stop().request();
    }
    return added;
  }

  /** Records that the run's thread begins. */
  public void begin(Launched entry) {
    entry.since = clock.instant();
  }

  /** Removes a run that no thread processes any more. */
  public void remove(Launched entry) {
    launched.remove(new Key(entry.batch.id(), entry.lane), entry);
  }

  /** Returns the batch's own run on this node; empty where there is none. */
  public Optional<Launched> find(long batch) {
    return Optional.ofNullable(launched.get(new Key(batch, null)));
  }

  /** Stops a batch's run on this node, and the work on its lanes. */
  public void stop(long batch, boolean force) {
    for (Launched entry : launched.values()) {
      if (entry.batch.id() == batch && force) {
        entry.control.stop().force();
      } else if (entry.batch.id() == batch) {
        entry.control.stop().request();
      }
    }
  }

  /** Returns all runs on this node. */
  public Collection<Launched> all() {
    return launched.values();
  }

  /** Changes the settings of a run from its next chunk on. */
  public void change(long batch, BatchSettings settings) {
    launched.values().stream()
        .filter(entry -> entry.batch.id() == batch)
        .forEach(entry -> entry.control.change(settings));
  }

  /** Returns the settings that a run uses now; empty for a batch that has no run here. */
  public Optional<BatchSettings> settings(long batch) {
    return find(batch).map(entry -> entry.control.settings(entry.batch.settings()));
  }

  @Override
  public Optional<Hold> hold(long batch) {
    return find(batch).flatMap(entry -> stuck(entry).or(entry.control::hold));
  }

  /** Returns the threads that work on a run, the longest-running first. */
  public List<PoolView.Working> threads() {
    return launched.values().stream()
        .flatMap(this::threadsOf)
        .sorted(Comparator.comparing(PoolView.Working::since))
        .toList();
  }

  private Stream<PoolView.Working> threadsOf(Launched entry) {
    long id = entry.batch.id();
    String project = entry.batch.project();
    List<RunControl.Worker> workers = entry.control.workers();
    Instant since = entry.since;
    if (workers.isEmpty()) {
      // The thread is still claiming the batch, or is ending it.
      return Stream.ofNullable(since).map(at -> new PoolView.Working(id, project, at, null));
    }
    return workers.stream()
        .map(
            worker -> new PoolView.Working(id, project, worker.since(), stuckSince(entry, worker)));
  }

  private Optional<Hold> stuck(Launched entry) {
    return entry.control.workers().stream()
        .map(worker -> stuckSince(entry, worker))
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .map(since -> new Hold("chunk-overdue", "", since));
  }

  /** Returns when a thread began its chunk, if that chunk takes far too long; else null. */
  private @Nullable Instant stuckSince(Launched entry, RunControl.Worker worker) {
    Instant since = worker.chunkSince();
    Integer own = entry.control.settings(entry.batch.settings()).targetMillis();
    Duration limit =
        Duration.ofMillis(own == null ? chunk.targetMillis() : own)
            .multipliedBy(STUCK_AFTER_TARGETS);
    return since != null && Duration.between(since, clock.instant()).compareTo(limit) > 0
        ? since
        : null;
  }
}
