package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * A batch to be stored.
 *
 * @param task name of the registered task, for {@link BatchKind#TASK}
 * @param sql the statement, for {@link BatchKind#SQL}
 * @param parameters a JSON object
 * @param approval that it needs before it runs; null for none
 * @param undoes the batch that it puts back, for {@link BatchKind#UNDO}
 * @param startKey unique to this start: the caller's idempotency key, or one made up
 * @param requestHash tells whether a repeated start key comes with the same request
 * @param traceParent the span of the request, as W3C's traceparent; null where nothing is traced
 */
public record NewBatch(
    String project,
    BatchKind kind,
    @Nullable String task,
    @Nullable String sql,
    String parameters,
    Mode mode,
    BatchSettings settings,
    Safeguards safety,
    Submission terms,
    @Nullable Approval approval,
    @Nullable Long undoes,
    @Nullable String reason,
    String startKey,
    String requestHash,
    @Nullable String traceParent) {}
