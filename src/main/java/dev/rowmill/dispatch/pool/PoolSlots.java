package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import dev.rowmill.task.Refusal;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Counts the slots that the pool has for accepted batches. Safe for many threads. */
public final class PoolSlots {

  private final PoolConfig config;
  private final ActiveRuns activeRuns;
  private final PoolMetrics metrics;
  private final Predicate<BatchView> launcher;

  private int reserved;
  private int occupied;
  private volatile boolean draining;

  /**
   * Creates the slots of a pool, all of them free.
   *
   * @param launcher launches a batch into a reserved slot; returns false if it is launched already,
   *     which frees the slot
   */
  public PoolSlots(
      PoolConfig config,
      ActiveRuns activeRuns,
      PoolMetrics metrics,
      Predicate<BatchView> launcher) {
    this.config = config;
    this.activeRuns = activeRuns;
    this.metrics = metrics;
    this.launcher = launcher;
  }

  /**
   * Reserves a slot for one batch.
   *
   * @throws Refusal when none is free, or the service is shutting down
   */
  public Slot reserve() {
    if (draining) {
      throw new Refusal("shutting-down", Map.of());
    }
    synchronized (this) {
      if (reserved + occupied < config.size() + config.queue()) {
        reserved++;
        return new Reserved();
      }
    }
    metrics.rejected();
    throw new Refusal("pool-full", Map.of());
  }

  /** Occupies one more slot, even if none is free. */
  public synchronized void occupy() {
    occupied++;
  }

  /** Frees an occupied slot. */
  public synchronized void free() {
    occupied--;
  }

  /** Sets the number of occupied slots, where the database counts them. */
  public synchronized void setOccupied(int count) {
    occupied = count;
  }

  /** Returns the number of slots that are occupied or reserved. */
  public synchronized int taken() {
    return reserved + occupied;
  }

  /** Rejects all further reservations. */
  public void drain() {
    draining = true;
  }

  /** Checks whether reservations are rejected. */
  public boolean isDraining() {
    return draining;
  }

  /**
   * Returns the present state of the pool.
   *
   * @param queued number of accepted batches without a thread
   * @param holder the batch whose turn it is in the serial queue; null for none
   * @param waiting the batches behind it, the next one first
   */
  public PoolView view(int queued, @Nullable Long holder, List<Long> waiting) {
    List<PoolView.Working> threads = activeRuns.threads();
    return new PoolView(
        config.size(),
        threads.size(),
        queued,
        config.queue(),
        threads,
        new PoolView.Serial(holder, waiting));
  }

  private synchronized void occupyReserved() {
    reserved--;
    occupied++;
  }

  private synchronized void cancelReservation() {
    reserved--;
  }

  private final class Reserved implements Slot {

    private boolean open = true;

    @Override
    public void launch(BatchView batch) {
      if (launcher.test(batch)) {
        open = false;
        occupyReserved();
      }
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        cancelReservation();
      }
    }
  }
}
