package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;

/** How storing a start came out. */
public sealed interface StartResult {

  /** Stored, queued or waiting. */
  record Stored(BatchView batch) implements StartResult {}

  /** The same request came before and was stored then; nothing was stored now. */
  record Repeated(BatchView batch) implements StartResult {}

  /** The start key was used for another request; nothing was stored. */
  record KeyReused(BatchView batch) implements StartResult {}

  /** The project has an active batch; nothing was stored. */
  record Busy(BatchView active) implements StartResult {}
}
