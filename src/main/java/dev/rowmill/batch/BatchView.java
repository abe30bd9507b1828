package dev.rowmill.batch;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Represents a batch as of the time when it was read.
 *
 * @param parameters JSON object
 * @param approval approval that it needs before it runs; null for none
 * @param ranMillis time of its ended runs, if a bound needs it
 * @param undoes id of the batch that it undoes
 * @param undoneBy id of the undo that has put its rows back
 * @param wanted status requested while it was running, to be set after the current chunk
 * @param node node that ran it last
 * @param epoch number of its newest run, 0 before the first
 * @param error set when it has failed
 * @param hold reason that has paused it, unless that was a request
 * @param waits milliseconds that it was held back, by reason
 * @param traceParent span of the request that started it, as W3C's traceparent
 * @param waitingPosition position in the queue of its project, from 1; null unless it is waiting
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

  /** Returns whether it waits for its approval. */
  public boolean awaitsApproval() {
    return status == BatchStatus.WAITING && approval != null && approval.isAwaited();
  }

  /** Returns a copy with other progress. */
  public BatchView withProgress(Progress later) {
    return with(settings, later);
  }

  /** Returns a copy with other settings. */
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
