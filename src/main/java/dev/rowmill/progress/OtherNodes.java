package dev.rowmill.progress;

import java.util.Optional;

/**
 * What is known of batches that run in other processes. Implementations are safe for many threads.
 */
public interface OtherNodes {

  /** How fast a batch goes there, as of some seconds ago at most; empty when it runs nowhere. */
  Optional<Speed> speed(long batch);
}
