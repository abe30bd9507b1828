package dev.rowmill.batch;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Represents a batch as it was when it was read.
 *
 * @param parameters a JSON object
 * @param approval approval that it needs before it runs; null for none
 * @param ranMillis duration of its ended runs, where a bound needs it
 * @param undoes batch that it undoes
 * @param undoneBy undo that has undone it
 * @param wanted requested status of a running batch, which it reaches after the current chunk
 * @param node node that ran it last
 * @param epoch number of its newest run, 0 before the first
 * @param error set when it has failed
 * @param hold reason of a pause that nobody requested
 * @param waits milliseconds of waits, by reason
 * @param traceParent span of the request that started it, as W3C traceparent
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
    Safeguards safeguards,
    Submission submission,
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

  /** Returns the values that must not appear in messages and logs. */
  public SecretValues secrets() {
    return SecretValues.of(parameters, submission.secrets());
  }

  /** Returns the batch with other progress. */
  public BatchView withProgress(Progress later) {
    return with(settings, later);
  }

  /** Returns the batch with other settings. */
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
        safeguards,
        submission,
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
