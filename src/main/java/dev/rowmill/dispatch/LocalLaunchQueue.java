package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchStore;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.engine.StopSignal;
import dev.rowmill.task.Refusal;
import dev.rowmill.tracker.ProjectTracker;
import dev.rowmill.tracker.SerialLane;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Brings batches to this node's own threads: parallel ones as a thread comes free, serial ones when
 * it is their turn. Safe for many threads.
 */
@ApplicationScoped
class LocalLaunchQueue implements LaunchQueue {

  private static final Logger LOG = Logger.getLogger(LocalLaunchQueue.class);
  private static final long REVISIT_SECONDS = 1;

  private final PoolConfig config;
  private final PoolThreads threads;
  private final BatchRunner runner;
  private final ProjectTracker tracker;
  private final SerialLane serialLane;
  private final BatchStore store;
  private final Clock clock;

  private final StopSignal stop = new StopSignal();

  /** Batches accepted and not left yet, places kept among them. */
  private final AtomicInteger accepted = new AtomicInteger();

  private final Map<Long, PoolView.Working> working = new ConcurrentHashMap<>();

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
      PoolThreads threads,
      BatchRunner runner,
      ProjectTracker tracker,
      SerialLane serialLane,
      BatchStore store,
      Clock clock,
      MeterRegistry metrics) {
    this.config = config;
    this.threads = threads;
    this.runner = runner;
    this.tracker = tracker;
    this.serialLane = serialLane;
    this.store = store;
    this.clock = clock;
    Gauge.builder("rowmill.pool.active", working, Map::size)
        .description("Batches that run on a thread of the pool")
        .register(metrics);
    Gauge.builder("rowmill.pool.queued", this, LocalLaunchQueue::queued)
        .description("Batches accepted that have no thread yet")
        .register(metrics);
    revisitor.scheduleWithFixedDelay(
        this::revisitAll, REVISIT_SECONDS, REVISIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public Place reserve() {
    if (stop.isRequested()) {
      throw new Refusal("shutting-down", Map.of());
    }
    if (accepted.incrementAndGet() > config.size() + config.queue()) {
      accepted.decrementAndGet();
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
    if (!tracker.admit(batch.project(), batch.id())) {
      return false;
    }
    if (batch.mode() == Mode.SERIAL) {
      serialLane.join(batch.id(), () -> hand(batch));
    } else {
      hand(batch);
    }
    return true;
  }

  /** Does not throw: whoever hands on the next batch in line has nothing to do with its trouble. */
  private void hand(BatchView batch) {
    try {
      threads.execute(() -> work(batch));
    } catch (RuntimeException | Error e) {
      tracker.dismiss(batch.project(), batch.id());
      accepted.decrementAndGet();
      if (stop.isRequested()) {
        // Stored as it is, the batch goes on at the next start, and so do those behind it.
        return;
      }
      LOG.errorf(e, "Batch %d of %s gets no thread yet", batch.id(), batch.project());
      revisit(batch.project());
      if (batch.mode() == Mode.SERIAL) {
        serialLane.leave(batch.id());
      }
    }
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

  private void work(BatchView batch) {
    Optional<BatchView> next = Optional.empty();
    var seen = new PoolView.Working(batch.id(), batch.project(), clock.instant());
    boolean mine = working.putIfAbsent(batch.id(), seen) == null;
    try {
      if (stop.isRequested()) {
        tracker.dismiss(batch.project(), batch.id());
      } else if (mine) {
        // Launched twice, by an old look at it, a batch still has one thread at a time.
        next = runner.run(batch, stop);
      }
    } catch (RuntimeException | Error e) {
      LOG.errorf(e, "Batch %d of %s is left as it is", batch.id(), batch.project());
      revisit(batch.project());
    } finally {
      working.remove(batch.id(), seen);
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
    List<PoolView.Working> now =
        working.values().stream().sorted(Comparator.comparing(PoolView.Working::since)).toList();
    OptionalLong holder = serialLane.holder();
    return new PoolView(
        config.size(),
        now.size(),
        queued(),
        config.queue(),
        now,
        new PoolView.Serial(holder.isPresent() ? holder.getAsLong() : null, serialLane.waiting()));
  }

  @Override
  public boolean drain(Duration atMost) {
    stop.request();
    revisitor.shutdownNow();
    return threads.end(atMost);
  }

  private int queued() {
    return Math.max(0, accepted.get() - working.size());
  }
}
