package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents a batch to be stored.
 *
 * @param approval approval that it needs before it runs; null for none
 * @param predecessors batches for which it waits
 * @param startKey unique key of this start: the caller's idempotency key, or a generated one
 * @param requestHash hash of the request, by which a repeated start key is compared
 * @param step chain and name, when it is the step of a chain; else null
 * @param traceParent span of the request, as W3C traceparent; null without tracing
 * @param queues whether it waits for its project once it is due; matters only with a start time
 * @param definition digest of the stored definition of its tables; null where the work has none
 */
public record NewBatch(
    BatchSpec spec,
    @Nullable Approval approval,
    Predecessors predecessors,
    String startKey,
    String requestHash,
    @Nullable ChainStep step,
    @Nullable String traceParent,
    boolean queues,
    @Nullable String definition) {

  /** Returns whether it has to be approved before it runs. */
  public boolean awaitsApproval() {
    return approval != null && approval.isAwaited();
  }

  /** Returns a copy with other predecessors. */
  public NewBatch with(Predecessors others) {
    return new NewBatch(
        spec, approval, others, startKey, requestHash, step, traceParent, queues, definition);
  }

  /** Returns a copy that is the step of a chain. */
  public NewBatch with(ChainStep other) {
    return new NewBatch(
        spec,
        approval,
        predecessors,
        startKey,
        requestHash,
        other,
        traceParent,
        queues,
        definition);
  }
}
