package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents a batch to be stored.
 *
 * @param task name of the registered task, for {@link BatchKind#TASK}
 * @param sql statement, for {@link BatchKind#SQL}
 * @param parameters JSON object
 * @param approval approval that it needs before it runs; null for none
 * @param undoes id of the batch that it undoes, for {@link BatchKind#UNDO}
 * @param startKey unique key of this start: the caller's idempotency key, or a generated one
 * @param requestHash hash that shows whether a repeated start key comes with the same request
 * @param traceParent span of the request, as W3C's traceparent; null without tracing
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
