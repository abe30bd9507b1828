package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Brings stored batches to threads. Implementations are safe for many threads; which one there is
 * depends on whether the node is one of a cluster.
 */
public interface LaunchQueue {

  /**
   * Takes up what an earlier process has left unfinished, and begins to work.
   *
   * @return how many batches that are
   */
  int begin();

  /** Room for one batch; given back when closed, unless a batch has been launched into it. */
  interface Place extends AutoCloseable {

    /** Launches a queued batch into this place. */
    void launch(BatchView batch);

    @Override
    void close();
  }

  /**
   * Keeps room for one batch.
   *
   * @throws dev.rowmill.task.Refusal when there is none, or when the service is shutting down
   */
  Place reserve();

  /**
   * Brings a queued batch to a thread, beyond all limits: it has been accepted before. Does nothing
   * for a batch that is launched already.
   */
  void launch(BatchView batch);

  /**
   * Stops a batch on its way: one that has no thread yet is taken out, a run is asked to stop after
   * the chunk in hand. Does nothing for a batch that is not here.
   *
   * @param force whether to break off the statement in hand, too
   */
  void stop(long batch, boolean force);

  /**
   * Looks before long whether a project has a batch that nobody launches, and launches it: after an
   * error that leaves unknown what is stored. Goes on looking until the database answers.
   */
  void revisit(String project);

  /** The place of a serial batch in its line, from 1; empty for one that is not in line. */
  OptionalLong serialPosition(long batch);

  /** What runs and waits. */
  PoolView view();

  /** Whether nothing more is taken in, as the service is ending. */
  boolean isDraining();

  /**
   * Takes in nothing more, and lets running batches stop after the chunk in hand.
   *
   * @param atMost how long to wait for that
   * @return whether all have stopped
   */
  boolean drain(Duration atMost);
}
