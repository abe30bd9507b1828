package dev.rowmill.progress;

import java.util.Optional;

/**
 * Provides the speed of batches that run in other processes. Implementations are safe for many
 * threads.
 */
public interface OtherNodes {

  /**
   * Returns the speed of a batch that runs elsewhere, at most some seconds old; empty when it runs
   * nowhere.
   */
  Optional<Speed> speed(long batch);
}
