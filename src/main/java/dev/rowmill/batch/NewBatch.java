package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * A batch to be stored.
 *
 * @param task name of the registered task, for {@link Kind#TASK}
 * @param sql the statement, for {@link Kind#SQL}
 * @param parameters a JSON object
 * @param approval that it needs before it runs; null for none
 * @param undoes the batch that it puts back, for {@link Kind#UNDO}
 * @param startKey unique to this start: the caller's idempotency key, or one made up
 * @param requestHash tells whether a repeated start key comes with the same request
 */
public record NewBatch(
    String project,
    Kind kind,
    @Nullable String task,
    @Nullable String sql,
    String parameters,
    Mode mode,
    BatchSettings settings,
    Safety safety,
    Terms terms,
    @Nullable Approval approval,
    @Nullable Long undoes,
    @Nullable String reason,
    String startKey,
    String requestHash) {}
