package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;

/** Reports the result of storing a start. */
public sealed interface StartResult {

  /** Reports that the batch was stored, queued or waiting. */
  record Stored(BatchView batch) implements StartResult {}

  /** Reports that the same request was stored before; nothing was stored now. */
  record Repeated(BatchView batch) implements StartResult {}

  /** Reports that the start key was used for another request; nothing was stored. */
  record KeyReused(BatchView batch) implements StartResult {}

  /** Reports that the project has an active batch; nothing was stored. */
  record Busy(BatchView active) implements StartResult {}
}
