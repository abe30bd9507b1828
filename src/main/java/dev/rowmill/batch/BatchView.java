package dev.rowmill.batch;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch as it stood when it was read.
 *
 * @param parameters a JSON object
 * @param approval that it needs before it runs; null for none
 * @param ranMillis how long its runs took that have ended, where a bound needs it
 * @param undoes the batch that it puts back
 * @param undoneBy the undo that has put it back
 * @param wanted what it was asked for while running, and will do after the chunk in hand
 * @param node the node that ran it last
 * @param epoch the number of its newest run, 0 before the first
 * @param error set when it has failed
 * @param hold what has paused it, where that was not a request
 * @param waits milliseconds that it was held back, by reason
 * @param traceParent the span of the request that started it, as W3C's traceparent
 * @param waitingPosition place in the line of its project, from 1; null unless it is waiting
 */
public record BatchView(
    long id,
    String project,
    BatchKind kind,
    @Nullable String task,
    @Nullable String sql,
    String parameters,
    Mode mode,
    BatchStatus status,
    BatchSettings settings,
    Safeguards safety,
    Submission terms,
    @Nullable Approval approval,
    long ranMillis,
    @Nullable Long undoes,
    @Nullable Long undoneBy,
    @Nullable BatchStatus wanted,
    @Nullable String reason,
    @Nullable String traceParent,
    @Nullable String node,
    int epoch,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Failure error,
    @Nullable Hold hold,
    Progress progress,
    Map<String, Long> waits,
    @Nullable Long waitingPosition) {

  /** Whether it waits for its approval. */
  public boolean awaitsApproval() {
    return status == BatchStatus.WAITING && approval != null && approval.isAwaited();
  }

  /** The same at another moment of its run. */
  public BatchView withProgress(Progress later) {
    return with(settings, later);
  }

  /** The same with other settings. */
  public BatchView withSettings(BatchSettings changed) {
    return with(changed, progress);
  }

  private BatchView with(BatchSettings changed, Progress later) {
    return new BatchView(
        id,
        project,
        kind,
        task,
        sql,
        parameters,
        mode,
        status,
        changed,
        safety,
        terms,
        approval,
        ranMillis,
        undoes,
        undoneBy,
        wanted,
        reason,
        traceParent,
        node,
        epoch,
        createdAt,
        startedAt,
        finishedAt,
        error,
        hold,
        later,
        waits,
        waitingPosition);
  }
}
