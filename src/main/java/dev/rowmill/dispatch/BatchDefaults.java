package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.TraceParent;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.batch.store.UndoConfig;
import dev.rowmill.dispatch.pool.DispatchConfig;
import dev.rowmill.engine.ChunkConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Fills in what a start request leaves open. Safe for many threads. */
@ApplicationScoped
class BatchDefaults {

  private static final int CANARY_CHUNKS = 3;

  private final DispatchConfig config;
  private final ChunkConfig chunk;
  private final UndoConfig undo;

  BatchDefaults(DispatchConfig config, ChunkConfig chunk, UndoConfig undo) {
    this.config = config;
    this.chunk = chunk;
    this.undo = undo;
  }

  /**
   * Returns the batch to store for a request.
   *
   * @param undoes id of the batch that it undoes; null for another kind
   */
  NewBatch newBatch(
      StartRequest request, BatchKind kind, @Nullable Long undoes, @Nullable Approval approval) {
    String key =
        request.idempotencyKey() == null
            ? "start:" + UUID.randomUUID()
            : "key:" + request.idempotencyKey();
    Mode mode = request.mode() == null ? config.defaultMode() : request.mode();
    return new NewBatch(
        request.project(),
        kind,
        request.task(),
        request.sql(),
        request.parameters().toString(),
        mode,
        request
            .settings()
            .applyTo(new BatchSettings(null, chunk.targetMillis(), 1, ThrottleLimits.NONE)),
        safeguards(request),
        request.submission(),
        approval,
        undoes,
        request.reason(),
        key,
        // A reader of the table could guess a secret from the hash. No request repeats a generated
        // key.
        request.secrets().isEmpty() || request.idempotencyKey() != null
            ? request.requestHash()
            : "",
        TraceParent.current());
  }

  /** Returns the safeguards of a request's batch, with the defaults filled in. */
  Safeguards safeguards(StartRequest request) {
    Boolean requested = request.undo();
    UndoPolicy keep = undo.enabled() ? UndoPolicy.IF_POSSIBLE : UndoPolicy.NO;
    if (requested != null) {
      keep = requested ? UndoPolicy.YES : UndoPolicy.NO;
    }
    Integer canary = request.canaryChunks();
    return new Safeguards(
        keep,
        request.check(),
        request.check() == null ? 0 : canary == null ? CANARY_CHUNKS : canary);
  }
}
