package dev.rowmill.batch;

import static dev.rowmill.batch.BatchStatus.CANCELLED;
import static dev.rowmill.batch.BatchStatus.FAILED;
import static dev.rowmill.batch.BatchStatus.PAUSED;
import static dev.rowmill.batch.BatchStatus.QUEUED;
import static dev.rowmill.batch.BatchStatus.RUNNING;
import static dev.rowmill.batch.BatchStatus.SCHEDULED;
import static dev.rowmill.batch.BatchStatus.SUCCEEDED;
import static dev.rowmill.batch.BatchStatus.WAITING;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Represents an allowed change of a batch's status, and why it happens. There is one row for each
 * reason, so two statuses may have several.
 *
 * @param from null for a start
 * @param reason completes "because", in English
 * @param onRequest whether callers can request the status by pause, resume or cancel
 */
public record Transition(
    @Nullable BatchStatus from, BatchStatus to, String reason, boolean onRequest) {

  /**
   * Holds the whole table; no status is written that it does not allow. A retry is a request of its
   * own, and not one for a status.
   */
  public static final List<Transition> TABLE =
      List.of(
          start(QUEUED, "the project is free"),
          start(WAITING, "the project is busy and onBusy is queue"),
          start(WAITING, "an approval is needed"),
          start(WAITING, "a batch that it names in after has not ended"),
          start(SCHEDULED, "it has a startAt"),
          event(SCHEDULED, QUEUED, "it is due and the project is free"),
          event(SCHEDULED, WAITING, "it is due, and the project is busy and onBusy is queue"),
          event(SCHEDULED, WAITING, "it is due and not approved"),
          event(SCHEDULED, WAITING, "it is due, and a batch that it names in after has not ended"),
          event(SCHEDULED, CANCELLED, "it is due, and the project is busy and onBusy is reject"),
          event(SCHEDULED, CANCELLED, "a condition can't be met any more"),
          event(WAITING, QUEUED, "the batch before it has ended"),
          event(WAITING, QUEUED, "it is approved"),
          event(WAITING, QUEUED, "its conditions are met"),
          event(QUEUED, RUNNING, "a thread claims it"),
          event(QUEUED, QUEUED, "its launch is lost"),
          event(RUNNING, RUNNING, "another run takes over after a crash"),
          event(RUNNING, QUEUED, "shutdown or crash, it resumes at its checkpoint"),
          request(RUNNING, PAUSED, "pause after the current chunk"),
          event(RUNNING, PAUSED, "a failed check"),
          request(QUEUED, PAUSED, "pause"),
          request(PAUSED, QUEUED, "resume"),
          event(RUNNING, SUCCEEDED, "every lane has reached its end"),
          event(RUNNING, FAILED, "an error"),
          request(RUNNING, CANCELLED, "cancel after the current chunk"),
          request(SCHEDULED, CANCELLED, "cancel"),
          request(WAITING, CANCELLED, "cancel"),
          event(WAITING, CANCELLED, "a condition can't be met any more"),
          request(QUEUED, CANCELLED, "cancel"),
          request(PAUSED, CANCELLED, "cancel"),
          event(FAILED, QUEUED, "retry from its checkpoint"),
          event(CANCELLED, QUEUED, "retry from its checkpoint"),
          event(CANCELLED, SCHEDULED, "retry before its startAt"),
          event(FAILED, WAITING, "retry, and its chain is paused or retried as a whole"),
          event(CANCELLED, WAITING, "retry, and an approval is needed"),
          event(CANCELLED, WAITING, "retry, and its chain is paused or retried as a whole"),
          event(CANCELLED, WAITING, "retry, and a batch that it names in after has not ended"));

  private static Transition start(BatchStatus to, String reason) {
    return new Transition(null, to, reason, false);
  }

  private static Transition event(BatchStatus from, BatchStatus to, String reason) {
    return new Transition(from, to, reason, false);
  }

  private static Transition request(BatchStatus from, BatchStatus to, String reason) {
    return new Transition(from, to, reason, true);
  }

  /**
   * Checks that a batch may change its status.
   *
   * @param from null for a start
   * @throws IllegalStateException when the table lacks the transition
   */
  public static void check(@Nullable BatchStatus from, BatchStatus to) {
    if (TABLE.stream().noneMatch(it -> it.from == from && it.to == to)) {
      throw new IllegalStateException("no batch changes from " + from + " to " + to);
    }
  }

  static Set<BatchStatus> targets(BatchStatus from, Predicate<Transition> filter) {
    Set<BatchStatus> targets = EnumSet.noneOf(BatchStatus.class);
    TABLE.stream().filter(it -> it.from == from).filter(filter).forEach(it -> targets.add(it.to));
    return targets;
  }
}
