package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStore;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Mode;
import dev.rowmill.engine.ChunkConfig;
import dev.rowmill.engine.LogNames;
import dev.rowmill.engine.RunControl;
import dev.rowmill.task.Refusal;
import dev.rowmill.tracker.ProjectTracker;
import dev.rowmill.tracker.SerialLane;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.lookup.LookupUnlessProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings batches to this node's own threads: parallel ones as a thread comes free, serial ones when
 * it is their turn. Safe for many threads.
 */
@ApplicationScoped
@LookupUnlessProperty(name = "rowmill.cluster.enabled", stringValue = "true")
class LocalLaunchQueue implements LaunchQueue {

  private static final Logger LOG = Logger.getLogger(LocalLaunchQueue.class);
  private static final long REVISIT_SECONDS = 1;

  /** A chunk that takes so many times what it should is worth a look. */
  private static final int STUCK_AFTER_TARGETS = 10;

  private final PoolConfig config;
  private final ChunkConfig chunk;
  private final PoolThreads threads;
  private final BatchRunner runner;
  private final ProjectTracker tracker;
  private final SerialLane serialLane;
  private final BatchStore store;
  private final Clock clock;
  private final PoolMetrics metrics;

  /** A batch on its way here, from its launch until its thread leaves it. */
  private static final class Launched {
    final BatchView batch;
    final RunControl control;

    /** By its thread, or by whoever takes it out before. */
    final AtomicBoolean taken = new AtomicBoolean();

    /** When its thread took it; null before. */
    volatile @Nullable Instant since;

    Launched(BatchView batch, RunControl control) {
      this.batch = batch;
      this.control = control;
    }
  }

  private volatile boolean ending;

  /** Batches accepted and not left yet, places kept among them. */
  private final AtomicInteger accepted = new AtomicInteger();

  private final Map<Long, Launched> launched = new ConcurrentHashMap<>();

  /** Projects that may have a batch that nobody launches. */
  private final Set<String> toRevisit = ConcurrentHashMap.newKeySet();

  private final ScheduledExecutorService revisitor =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "rowmill-revisit");
            thread.setDaemon(true);
            return thread;
          });

  LocalLaunchQueue(
      PoolConfig config,
      ChunkConfig chunk,
      PoolThreads threads,
      BatchRunner runner,
      ProjectTracker tracker,
      SerialLane serialLane,
      BatchStore store,
      Clock clock,
      MeterRegistry metrics) {
    this.config = config;
    this.chunk = chunk;
    this.threads = threads;
    this.runner = runner;
    this.tracker = tracker;
    this.serialLane = serialLane;
    this.store = store;
    this.clock = clock;
    this.metrics = new PoolMetrics(metrics, this);
    revisitor.scheduleWithFixedDelay(
        this::revisitAll, REVISIT_SECONDS, REVISIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public Place reserve() {
    if (ending) {
      throw new Refusal("shutting-down", Map.of());
    }
    if (accepted.incrementAndGet() > config.size() + config.queue()) {
      accepted.decrementAndGet();
      metrics.rejected();
      throw new Refusal("pool-full", Map.of());
    }
    return new Place() {
      private boolean kept = true;

      @Override
      public void launch(BatchView batch) {
        if (enqueue(batch)) {
          kept = false;
        }
      }

      @Override
      public void close() {
        if (kept) {
          kept = false;
          accepted.decrementAndGet();
        }
      }
    };
  }

  @Override
  public void launch(BatchView batch) {
    accepted.incrementAndGet();
    if (!enqueue(batch)) {
      accepted.decrementAndGet();
    }
  }

  /** Says whether the batch is on its way now; false for one that was already. */
  private boolean enqueue(BatchView batch) {
    if (ending || !tracker.admit(batch.project(), batch.id())) {
      return false;
    }
    var entry = new Launched(batch, new RunControl(clock));
    launched.put(batch.id(), entry);
    if (batch.mode() == Mode.SERIAL) {
      long joined = System.nanoTime();
      serialLane.join(
          batch.id(),
          () -> {
            metrics.serialTurn(joined);
            hand(entry);
          });
    } else {
      hand(entry);
    }
    return true;
  }

  /** Does not throw: whoever hands on the next batch in line has nothing to do with its trouble. */
  private void hand(Launched entry) {
    BatchView batch = entry.batch;
    try {
      threads.execute(LogNames.of(batch, () -> work(entry)));
    } catch (RuntimeException | Error e) {
      if (ending) {
        // Stored as it is, the batch goes on at the next start, and so do those behind it.
        takeOut(entry);
        return;
      }
      LOG.errorf(e, "Batch %d of %s gets no thread yet", batch.id(), batch.project());
      revisit(batch.project());
      if (takeOut(entry) && batch.mode() == Mode.SERIAL) {
        serialLane.leave(batch.id());
      }
    }
  }

  /** Says whether the batch had no thread yet; it won't get one then. */
  private boolean takeOut(Launched entry) {
    if (!entry.taken.compareAndSet(false, true)) {
      return false;
    }
    launched.remove(entry.batch.id(), entry);
    tracker.dismiss(entry.batch.project(), entry.batch.id());
    accepted.decrementAndGet();
    return true;
  }

  @Override
  public void stop(long batch, boolean force) {
    Launched entry = launched.get(batch);
    if (entry == null) {
      return;
    }
    if (takeOut(entry)) {
      if (entry.batch.mode() == Mode.SERIAL) {
        serialLane.stepOut(batch);
      }
    } else if (force) {
      entry.control.stop().force();
    } else {
      entry.control.stop().request();
    }
  }

  @Override
  public void change(long batch, BatchSettings settings) {
    Launched entry = launched.get(batch);
    if (entry != null) {
      entry.control.change(settings);
    }
  }

  @Override
  public Optional<BatchSettings> settings(long batch) {
    return Optional.ofNullable(launched.get(batch))
        .map(entry -> entry.control.settings(entry.batch.settings()));
  }

  @Override
  public Optional<Hold> hold(long batch) {
    return Optional.ofNullable(launched.get(batch))
        .flatMap(entry -> stuck(entry).or(entry.control::hold));
  }

  @Override
  public void revisit(String project) {
    toRevisit.add(project);
  }

  private void revisitAll() {
    for (String project : toRevisit) {
      toRevisit.remove(project);
      try {
        store.queueNext(project).ifPresent(this::launch);
      } catch (RuntimeException | Error e) {
        toRevisit.add(project);
        LOG.warnf("Project %s can't be looked after yet: %s", project, e);
        return;
      }
    }
  }

  private void work(Launched entry) {
    BatchView batch = entry.batch;
    if (ending ? takeOut(entry) : !entry.taken.compareAndSet(false, true)) {
      return;
    }
    Optional<BatchView> next = Optional.empty();
    entry.since = clock.instant();
    try {
      next = runner.run(batch, entry.control, () -> ending);
    } catch (RuntimeException | Error e) {
      LOG.errorf(e, "Batch %d of %s is left as it is", batch.id(), batch.project());
      revisit(batch.project());
    } finally {
      launched.remove(batch.id(), entry);
      accepted.decrementAndGet();
      if (batch.mode() == Mode.SERIAL) {
        serialLane.leave(batch.id());
      }
      next.ifPresent(this::launch);
    }
  }

  @Override
  public OptionalLong serialPosition(long batch) {
    int index = serialLane.waiting().indexOf(batch);
    return index < 0 ? OptionalLong.empty() : OptionalLong.of(index + 1L);
  }

  @Override
  public PoolView view() {
    List<PoolView.Working> now = threads();
    OptionalLong holder = serialLane.holder();
    return new PoolView(
        config.size(),
        now.size(),
        queued(),
        config.queue(),
        now,
        new PoolView.Serial(holder.isPresent() ? holder.getAsLong() : null, serialLane.waiting()));
  }

  private List<PoolView.Working> threads() {
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

  @Override
  public boolean isDraining() {
    return ending;
  }

  @Override
  public boolean drain(Duration atMost) {
    ending = true;
    revisitor.shutdownNow();
    launched.values().forEach(entry -> entry.control.stop().request());
    return threads.end(atMost);
  }

  private int queued() {
    int working = (int) launched.values().stream().filter(entry -> entry.since != null).count();
    return Math.max(0, accepted.get() - working);
  }
}
