package dev.rowmill.progress;

import dev.rowmill.batch.Hold;
import java.util.Optional;

/**
 * Provides the speed and the holds of batches that run in other processes. Implementations are safe
 * for many threads.
 */
public interface OtherNodes {

  /**
   * Returns the speed of a batch that runs elsewhere, at most some seconds old; empty when it runs
   * nowhere.
   */
  Optional<Speed> speed(long batch);

  /** Returns the hold of a batch that runs elsewhere, at most some seconds old. */
  Optional<Hold> hold(long batch);
}
