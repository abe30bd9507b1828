package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents a batch to be stored.
 *
 * @param task name of the registered task, for {@link BatchKind#TASK}
 * @param sql the statement, for {@link BatchKind#SQL}
 * @param parameters a JSON object
 * @param approval approval that it needs before it runs; null for none
 * @param undoes batch that it undoes, for {@link BatchKind#UNDO}
 * @param startKey unique key of this start: the caller's idempotency key, or a generated one
 * @param requestHash hash of the request, by which a repeated start key is compared
 * @param traceParent span of the request, as W3C traceparent; null without tracing
 */
public record NewBatch(
    String project,
    BatchKind kind,
    @Nullable String task,
    @Nullable String sql,
    String parameters,
    Mode mode,
    BatchSettings settings,
    Safeguards safeguards,
    Submission submission,
    @Nullable Approval approval,
    @Nullable Long undoes,
    @Nullable String reason,
    String startKey,
    String requestHash,
    @Nullable String traceParent) {}
