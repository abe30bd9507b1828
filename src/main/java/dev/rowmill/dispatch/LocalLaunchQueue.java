package dev.rowmill.dispatch;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings batches to this node's own threads: parallel ones as a thread comes free, serial ones when
 * it is their turn. Safe for many threads.
 */
@ApplicationScoped
class LocalLaunchQueue implements LaunchQueue {

  private final PoolConfig config;
  private final PoolThreads threads;
  private final BatchRunner runner;
  private final ProjectTracker tracker;
  private final SerialLane serialLane;
  private final Clock clock;

  private final StopSignal stop = new StopSignal();

  /** Batches accepted and not left yet, places kept among them. */
  private final AtomicInteger accepted = new AtomicInteger();

  private final Map<Long, PoolView.Working> working = new ConcurrentHashMap<>();

  LocalLaunchQueue(
      PoolConfig config,
      PoolThreads threads,
      BatchRunner runner,
      ProjectTracker tracker,
      SerialLane serialLane,
      Clock clock,
      MeterRegistry metrics) {
    this.config = config;
    this.threads = threads;
    this.runner = runner;
    this.tracker = tracker;
    this.serialLane = serialLane;
    this.clock = clock;
    Gauge.builder("rowmill.pool.active", working, Map::size)
        .description("Batches that run on a thread of the pool")
        .register(metrics);
    Gauge.builder("rowmill.pool.queued", this, LocalLaunchQueue::queued)
        .description("Batches accepted that have no thread yet")
        .register(metrics);
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
      serialLane.join(batch.id(), () -> threads.execute(() -> work(batch)));
    } else {
      threads.execute(() -> work(batch));
    }
    return true;
  }

  private void work(BatchView batch) {
    Optional<BatchView> next = Optional.empty();
    try {
      if (stop.isRequested()) {
        tracker.dismiss(batch.project(), batch.id());
      } else {
        working.put(batch.id(), new PoolView.Working(batch.id(), batch.project(), clock.instant()));
        next = runner.run(batch, stop);
      }
    } finally {
      working.remove(batch.id());
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
    return threads.end(atMost);
  }

  private int queued() {
    return Math.max(0, accepted.get() - working.size());
  }
}
