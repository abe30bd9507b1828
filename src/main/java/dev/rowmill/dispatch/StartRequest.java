package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.Predecessors;
import org.jspecify.annotations.Nullable;

/**
 * Represents a request to start a batch, with all defaults filled in.
 *
 * @param predecessors batches for which it waits
 * @param idempotencyKey the caller's, or null
 * @param requestHash hash that only an equal request shares, at most 64 ASCII characters
 */
public record StartRequest(
    BatchSpec spec,
    OnBusy onBusy,
    Predecessors predecessors,
    @Nullable String idempotencyKey,
    String requestHash) {

  /** Returns a copy with the identity of another request. */
  public StartRequest as(@Nullable String otherKey, String otherHash) {
    return new StartRequest(spec, onBusy, predecessors, otherKey, otherHash);
  }

  /** Returns a copy with another specification. */
  public StartRequest with(BatchSpec other) {
    return new StartRequest(other, onBusy, predecessors, idempotencyKey, requestHash);
  }
}
