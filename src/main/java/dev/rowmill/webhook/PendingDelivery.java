package dev.rowmill.webhook;

import dev.rowmill.batch.BatchStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Represents a delivery that is due. Immutable.
 *
 * @param subject id of the batch or of the schedule
 * @param attempts number of attempts, including the current one
 * @param since time when the delivery was stored
 * @param lease time until which no other sender gets the delivery
 * @param at time of the event
 * @param end how the batch ended; null for other events
 * @param run JSON object with the run of a schedule; null for events of batches
 */
record PendingDelivery(
    long id,
    EventType type,
    long subject,
    int attempts,
    Instant since,
    Instant lease,
    Instant at,
    @Nullable End end,
    @Nullable String run) {

  /**
   * Represents how the batch ended; it may have been retried since.
   *
   * @param failure type of the problem of a failed batch; null for none
   */
  record End(
      BatchStatus status,
      @Nullable String failure,
      long rowsScanned,
      long rowsChanged,
      long rowsSkipped) {}

  /** Returns the event for the log, such as {@code batch.ended of 7}. */
  String event() {
    return type.text() + " of " + subject;
  }
}
