package dev.rowmill.batch;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Represents a batch as it was when it was read.
 *
 * @param approval approval that it needs before it runs; null for none
 * @param step chain and name, when it is the step of a chain
 * @param dependencies batches for which it waits, and whether others wait for it
 * @param ranMillis duration of its ended runs, where a bound needs it
 * @param undoneBy undo that has undone it
 * @param skippedRetry newest batch over the rows that it has passed over
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
    BatchSpec spec,
    BatchStatus status,
    @Nullable Approval approval,
    @Nullable ChainStep step,
    Dependencies dependencies,
    long ranMillis,
    @Nullable Long undoneBy,
    @Nullable Long skippedRetry,
    @Nullable BatchStatus wanted,
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

  public String project() {
    return spec.project();
  }

  public Mode mode() {
    return spec.mode();
  }

  public @Nullable String sql() {
    return spec.work().sql();
  }

  public BatchSettings settings() {
    return spec.settings();
  }

  public Safeguards safeguards() {
    return spec.safeguards();
  }

  public Submission submission() {
    return spec.submission();
  }

  /** Returns whether it waits for its approval. */
  public boolean awaitsApproval() {
    return (status == BatchStatus.WAITING || status == BatchStatus.SCHEDULED)
        && approval != null
        && approval.isAwaited();
  }

  /** Returns whether it waits for the ends of other batches, in no queue. */
  public boolean awaitsOthers() {
    return status == BatchStatus.WAITING && dependencies.open() > 0;
  }

  /** Returns the values that must not appear in messages and logs. */
  public SecretValues secrets() {
    return spec.secrets();
  }

  /** Returns the requested status, or another one if none is requested. */
  public BatchStatus requestedOr(BatchStatus other) {
    return wanted == null ? other : wanted;
  }

  /** Returns the batch with other progress. */
  public BatchView withProgress(Progress later) {
    return with(status, spec, node, epoch, startedAt, later, waits, waitingPosition);
  }

  /** Returns the batch with other settings. */
  public BatchView withSettings(BatchSettings changed) {
    return with(
        status, spec.with(changed), node, epoch, startedAt, progress, waits, waitingPosition);
  }

  /** Returns the batch with what is stored apart from it. */
  public BatchView withDetails(Progress stored, Map<String, Long> waited, @Nullable Long position) {
    return with(status, spec, node, epoch, startedAt, stored, Map.copyOf(waited), position);
  }

  /** Returns the batch with its conditions. */
  public BatchView withConditions(List<Condition> conditions) {
    return new BatchView(
        id,
        spec,
        status,
        approval,
        step,
        dependencies.with(conditions),
        ranMillis,
        undoneBy,
        skippedRetry,
        wanted,
        traceParent,
        node,
        epoch,
        createdAt,
        startedAt,
        finishedAt,
        error,
        hold,
        progress,
        waits,
        waitingPosition);
  }

  /** Returns the batch, queued. */
  public BatchView queued() {
    return with(BatchStatus.QUEUED, spec, node, epoch, startedAt, progress, waits, waitingPosition);
  }

  /** Returns the batch, claimed for its next run. */
  public BatchView claimed(String byNode, Instant now, Progress stored) {
    return with(
        BatchStatus.RUNNING,
        spec,
        byNode,
        epoch + 1,
        startedAt == null ? now : startedAt,
        stored,
        waits,
        waitingPosition);
  }

  private BatchView with(
      BatchStatus newStatus,
      BatchSpec newSpec,
      @Nullable String newNode,
      int newEpoch,
      @Nullable Instant newStartedAt,
      Progress newProgress,
      Map<String, Long> newWaits,
      @Nullable Long newPosition) {
    return new BatchView(
        id,
        newSpec,
        newStatus,
        approval,
        step,
        dependencies,
        ranMillis,
        undoneBy,
        skippedRetry,
        wanted,
        traceParent,
        newNode,
        newEpoch,
        createdAt,
        newStartedAt,
        finishedAt,
        error,
        hold,
        newProgress,
        newWaits,
        newPosition);
  }
}
