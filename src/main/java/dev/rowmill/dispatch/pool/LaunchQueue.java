package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import java.time.Duration;
import java.util.Map;

/**
 * Launches stored batches: assigns them to threads. Implementations are safe for many threads; the
 * configuration of the cluster selects one.
 */
public interface LaunchQueue {

  /**
   * Resumes the batches that an earlier process left unfinished, and begins to launch.
   *
   * @return number of these batches
   */
  int begin();

  /**
   * Reserves a slot for one batch.
   *
   * @throws dev.rowmill.task.Refusal when none is free, or the service is shutting down
   */
  Slot reserve();

  /**
   * Launches a queued batch regardless of all limits, as it was accepted before. Does nothing for a
   * batch that is launched already.
   */
  void launch(BatchView batch);

  /**
   * Stops a launched batch. Removes it if it has no thread yet; else stops its run after the
   * current chunk. Does nothing for a batch that is not on this node.
   *
   * @param force whether to abort the current statement, too
   */
  void stop(long batch, boolean force);

  /**
   * Checks soon whether a project has a queued batch without a launch, and launches it. Called
   * after an error that leaves the stored status unknown. Retries until the database responds.
   */
  void revisit(String project);

  /**
   * Returns the positions in the serial queue by the ids of the batches, from 1. The first batch is
   * not included, because nothing holds it back.
   */
  Map<Long, Long> serialPositions();

  /** Returns the running and queued batches. */
  PoolView view();

  /** Checks whether new batches are rejected because the service is shutting down. */
  boolean isDraining();

  /**
   * Rejects new batches, and stops running ones after their current chunk.
   *
   * @param atMost how long to wait for that
   * @return whether all have stopped
   */
  boolean drain(Duration atMost);
}
