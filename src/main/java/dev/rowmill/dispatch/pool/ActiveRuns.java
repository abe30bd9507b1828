package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.engine.ChunkConfig;
import dev.rowmill.engine.RunControl;
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
 * The batches on their way on this node, each from its launch until its thread leaves it, and what
 * can be seen of them. Safe for many threads.
 */
@ApplicationScoped
public class ActiveRuns {

  /** A chunk that takes so many times what it should is worth a look. */
  private static final int STUCK_AFTER_TARGETS = 10;

  /** A batch on its way here. */
  public static final class Launched {
    private final BatchView batch;

    /** The one that is worked on for another node's run; null for the batch's own run. */
    private final @Nullable Integer lane;

    private final RunControl control;

    /** By its thread, or by whoever takes it out before. */
    private final AtomicBoolean taken = new AtomicBoolean();

    private volatile @Nullable Instant since;

    private Launched(BatchView batch, @Nullable Integer lane, RunControl control) {
      this.batch = batch;
      this.lane = lane;
      this.control = control;
    }

    /** The batch as it was launched. */
    public BatchView batch() {
      return batch;
    }

    /** The number of the lane that is worked on for another node's run. */
    public OptionalInt lane() {
      return lane == null ? OptionalInt.empty() : OptionalInt.of(lane);
    }

    /** By which its run is told what to do. */
    public RunControl control() {
      return control;
    }

    /** Whether its thread has taken it. */
    public boolean isAtWork() {
      return since != null;
    }

    /** Takes it, for running or for taking it out; true for the first alone. */
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

  /**
   * Adds a batch. Where an earlier run of it is still on its way out, that one is asked to stop.
   */
  public Launched add(BatchView batch) {
    return add(batch, null);
  }

  /** Adds a lane that is worked on for another node's run. */
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

  /** Its thread begins. */
  public void begin(Launched entry) {
    entry.since = clock.instant();
  }

  /** Nobody works on it any more. */
  public void remove(Launched entry) {
    launched.remove(new Key(entry.batch.id(), entry.lane), entry);
  }

  /** A batch that is on its way here. */
  public Optional<Launched> find(long batch) {
    return Optional.ofNullable(launched.get(new Key(batch, null)));
  }

  /** Asks a batch's run here to stop, and the work on its lanes. */
  public void stop(long batch, boolean force) {
    for (Launched entry : launched.values()) {
      if (entry.batch.id() == batch && force) {
        entry.control.stop().force();
      } else if (entry.batch.id() == batch) {
        entry.control.stop().request();
      }
    }
  }

  /** All that are on their way here. */
  public Collection<Launched> all() {
    return launched.values();
  }

  /** Gives a run other settings, from its next chunk on. */
  public void change(long batch, BatchSettings settings) {
    launched.values().stream()
        .filter(entry -> entry.batch.id() == batch)
        .forEach(entry -> entry.control.change(settings));
  }

  /** Settings that a run goes on with now; empty for a batch that is not here. */
  public Optional<BatchSettings> settings(long batch) {
    return find(batch).map(entry -> entry.control.settings(entry.batch.settings()));
  }

  /** What holds a batch back now. */
  public Optional<Hold> hold(long batch) {
    return find(batch).flatMap(entry -> stuck(entry).or(entry.control::hold));
  }

  /** The threads at work, longest first. */
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
      // Its thread is still at the claim, or at the end.
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

  /** Since when a thread has been at one chunk, if that is far longer than a chunk should take. */
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
