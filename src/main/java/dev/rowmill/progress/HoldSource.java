package dev.rowmill.progress;

import dev.rowmill.batch.Hold;
import java.util.Optional;

/**
 * Reports why batches of this process are not progressing. Implementations are safe for many
 * threads.
 */
public interface HoldSource {

  /** Returns the present hold of a batch; empty when nothing holds it, or it has no run here. */
  Optional<Hold> hold(long batch);
}
