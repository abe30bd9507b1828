package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.batch.store.UndoConfig;
import dev.rowmill.dispatch.pool.DispatchConfig;
import dev.rowmill.engine.ChunkConfig;
import jakarta.enterprise.context.ApplicationScoped;

/** Provides the configured defaults, over which a request puts its members. Thread-safe. */
@ApplicationScoped
public class BatchDefaults {

  private final DispatchConfig config;
  private final ChunkConfig chunk;
  private final UndoConfig undo;

  BatchDefaults(DispatchConfig config, ChunkConfig chunk, UndoConfig undo) {
    this.config = config;
    this.chunk = chunk;
    this.undo = undo;
  }

  /** Returns the specification of a batch whose caller chooses nothing, without its work. */
  public BatchSpec of(String project) {
    return new BatchSpec(
        project,
        BatchWork.sql(null, null, "{}"),
        config.defaultMode(),
        new BatchSettings(null, chunk.targetMillis(), BatchSettings.AUTOMATIC, ThrottleLimits.NONE),
        Safeguards.of(undo.enabled() ? UndoPolicy.IF_POSSIBLE : UndoPolicy.NO),
        Submission.NONE);
  }
}
