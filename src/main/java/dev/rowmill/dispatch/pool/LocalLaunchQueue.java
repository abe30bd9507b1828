package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.dispatch.pool.ActiveRuns.Launched;
import dev.rowmill.engine.LogContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.lookup.LookupUnlessProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/**
 * Launches batches on this node's own threads: parallel ones when a thread is free, serial ones in
 * the order of the serial queue. Safe for many threads.
 */
@ApplicationScoped
@LookupUnlessProperty(name = "rowmill.cluster.enabled", stringValue = "true")
class LocalLaunchQueue implements LaunchQueue {

  private static final Logger LOG = Logger.getLogger(LocalLaunchQueue.class);

  private final ActiveRuns activeRuns;
  private final PoolThreads threads;
  private final BatchRunner runner;
  private final ProjectTracker tracker;
  private final SerialQueue serialQueue;
  private final ProjectQueues queues;
  private final PoolMetrics metrics;
  private final LaunchRetries launchRetries;

  /** Counts the accepted batches that have not ended here, and the reserved slots. */
  private final PoolSlots slots;

  LocalLaunchQueue(
      PoolConfig config,
      ActiveRuns activeRuns,
      PoolThreads threads,
      BatchRunner runner,
      ProjectTracker tracker,
      SerialQueue serialQueue,
      ProjectQueues queues,
      MeterRegistry metrics) {
    this.activeRuns = activeRuns;
    this.threads = threads;
    this.runner = runner;
    this.tracker = tracker;
    this.serialQueue = serialQueue;
    this.queues = queues;
    this.metrics = new PoolMetrics(metrics, this);
    this.slots = new PoolSlots(config, activeRuns, this.metrics, this::enqueue);
    this.launchRetries = new LaunchRetries(queues, this::launch);
  }

  @Override
  public int begin() {
    List<BatchView> unfinished = queues.recover();
    unfinished.forEach(this::launch);
    return unfinished.size();
  }

  @Override
  public Slot reserve() {
    return slots.reserve();
  }

  @Override
  public void launch(BatchView batch) {
    slots.occupy();
    if (!enqueue(batch)) {
      slots.free();
    }
  }

  /** Launches the batch; returns false if it is launched already. */
  private boolean enqueue(BatchView batch) {
    if (slots.isDraining() || !tracker.admit(batch.project(), batch.id())) {
      return false;
    }
    Launched entry = activeRuns.add(batch);
    if (batch.mode() == Mode.SERIAL) {
      long joined = System.nanoTime();
      serialQueue.join(
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

  /** Hands the batch to a thread. Does not throw: the caller may be the thread of another batch. */
  private void hand(Launched entry) {
    BatchView batch = entry.batch();
    try {
      threads.execute(LogContext.of(batch, () -> work(entry)));
    } catch (RuntimeException | Error e) {
      if (slots.isDraining()) {
        // Its stored status lets the next start resume this batch, and those queued after it.
        takeOut(entry);
        return;
      }
      LOG.errorf(e, "Batch %d of %s can't be given a thread yet", batch.id(), batch.project());
      revisit(batch.project());
      if (takeOut(entry) && batch.mode() == Mode.SERIAL) {
        serialQueue.leave(batch.id());
      }
    }
  }

  /** Removes the batch if it has no thread yet, and returns whether that was so. */
  private boolean takeOut(Launched entry) {
    if (!entry.take()) {
      return false;
    }
    activeRuns.remove(entry);
    tracker.dismiss(entry.batch().project(), entry.batch().id());
    slots.free();
    return true;
  }

  @Override
  public void stop(long batch, boolean force) {
    Optional<Launched> removed = activeRuns.find(batch).filter(this::takeOut);
    if (removed.isEmpty()) {
      activeRuns.stop(batch, force);
    } else if (removed.get().batch().mode() == Mode.SERIAL) {
      serialQueue.stepOut(batch);
    }
  }

  @Override
  public void revisit(String project) {
    launchRetries.add(project);
  }

  private void work(Launched entry) {
    BatchView batch = entry.batch();
    if (slots.isDraining() ? takeOut(entry) : !entry.take()) {
      return;
    }
    Optional<BatchView> next = Optional.empty();
    activeRuns.begin(entry);
    try {
      next = runner.run(batch, entry.control(), slots::isDraining);
    } catch (RuntimeException | Error e) {
      LOG.errorf(e, "The run of batch %d of %s failed", batch.id(), batch.project());
      revisit(batch.project());
    } finally {
      activeRuns.remove(entry);
      slots.free();
      if (batch.mode() == Mode.SERIAL) {
        serialQueue.leave(batch.id());
      }
      next.ifPresent(this::launch);
    }
  }

  @Override
  public Map<Long, Long> serialPositions() {
    Map<Long, Long> positions = new HashMap<>();
    serialQueue.waiting().forEach(batch -> positions.put(batch, positions.size() + 1L));
    return positions;
  }

  @Override
  public PoolView view() {
    OptionalLong holder = serialQueue.holder();
    return slots.view(
        queued(), holder.isPresent() ? holder.getAsLong() : null, serialQueue.waiting());
  }

  @Override
  public boolean isDraining() {
    return slots.isDraining();
  }

  @Override
  public boolean drain(Duration atMost) {
    slots.drain();
    launchRetries.close();
    activeRuns.all().forEach(entry -> entry.control().stop().request());
    return threads.end(atMost);
  }

  private int queued() {
    int working = (int) activeRuns.all().stream().filter(Launched::isAtWork).count();
    return Math.max(0, slots.taken() - working);
  }
}
