package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;

/**
 * Represents a slot of the pool that is reserved for one batch. Closing frees the slot, unless a
 * batch was launched into it. For one thread.
 */
public interface Slot extends AutoCloseable {

  /** Launches a queued batch into this slot. */
  void launch(BatchView batch);

  @Override
  void close();
}
