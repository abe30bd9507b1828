package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ControlResult;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchRequests;
import dev.rowmill.batch.store.ScheduledStarts;
import dev.rowmill.dispatch.pool.ActiveRuns;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.Instant;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pauses, resumes, cancels and approves batches, and changes their settings. Safe for many threads.
 * Blocks while it queries the database. Throws a runtime exception with the SQL error among its
 * causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchControl {

  private final BatchRequests requests;
  private final ScheduledStarts scheduled;
  private final BatchHistory history;
  private final LaunchQueue queue;
  private final ActiveRuns activeRuns;

  BatchControl(
      BatchRequests requests,
      ScheduledStarts scheduled,
      BatchHistory history,
      Instance<LaunchQueue> queue,
      ActiveRuns activeRuns) {
    this.requests = requests;
    this.scheduled = scheduled;
    this.history = history;
    this.queue = queue.get();
    this.activeRuns = activeRuns;
  }

  /**
   * Stops a batch after the current chunk, until it is resumed. The batch still occupies its
   * project, but no thread, connection or lock.
   *
   * @return the batch, paused or about to be
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its status does not allow it
   */
  public BatchView pause(long id) {
    return requestTransition(id, BatchStatus.PAUSED, false);
  }

  /**
   * Resumes a paused batch from its checkpoint.
   *
   * @return the batch, queued again
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its status does not allow it
   */
  public BatchView resume(long id) {
    return requestTransition(id, BatchStatus.QUEUED, false);
  }

  /**
   * Ends a batch after the current chunk. Committed chunks remain in effect.
   *
   * @param force whether to abort the current statement, which rolls its chunk back
   * @return the batch, cancelled or about to be
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its status does not allow it
   */
  public BatchView cancel(long id, boolean force) {
    return requestTransition(id, BatchStatus.CANCELLED, force);
  }

  /**
   * Approves a batch, which is then queued or waits in its project's queue.
   *
   * @param by name of the approver; null where callers are not identified
   * @return the batch, approved
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it awaits no approval, or when one of its authors tries to approve it
   */
  public BatchView approve(long id, @Nullable String by) {
    BatchView batch = history.find(id).orElseThrow(NoSuchElementException::new);
    if (batch.awaitsApproval()) {
      Approval.refuseOwn(batch.submission().authors(), by);
    }
    ControlResult.Granted granted = granted(requests.approve(id, by));
    granted.next().ifPresent(queue::launch);
    return history.find(id).orElse(granted.batch());
  }

  private static ControlResult.Granted granted(Optional<ControlResult> result) {
    ControlResult found = result.orElseThrow(NoSuchElementException::new);
    if (found instanceof ControlResult.Refused refused) {
      throw new Refusal(
          "illegal-transition",
          Map.of(
              "from", refused.from().text(),
              "to", refused.to().text(),
              "allowed", refused.allowed().stream().map(BatchStatus::text).sorted().toList()));
    }
    return (ControlResult.Granted) found;
  }

  private BatchView requestTransition(long id, BatchStatus to, boolean force) {
    ControlResult.Granted granted = granted(requests.request(id, to, force));
    if (to != BatchStatus.QUEUED) {
      queue.stop(id, force);
    }
    granted.next().ifPresent(queue::launch);
    return granted.batch();
  }

  /**
   * Changes the start time of a scheduled batch.
   *
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it is not scheduled any more
   */
  public void reschedule(long id, Instant startAt) {
    BatchView batch = scheduled.move(id, startAt).orElseThrow(NoSuchElementException::new);
    if (batch.status() != BatchStatus.SCHEDULED) {
      throw new Refusal("not-scheduled", Map.of("status", batch.status().text()));
    }
  }

  /**
   * Changes the settings of a batch from its next chunk on.
   *
   * @return the batch
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it has ended
   */
  public BatchView change(long id, SettingsChange change) {
    BatchView batch = requests.change(id, change::applyTo).orElseThrow(NoSuchElementException::new);
    if (batch.status().isFinal()) {
      throw new Refusal("batch-ended", Map.of("status", batch.status().text()));
    }
    activeRuns.change(id, batch.settings());
    return batch;
  }
}
