package dev.rowmill.webhook;

import dev.rowmill.batch.BatchStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Represents a delivery that is due. Immutable.
 *
 * @param attempts number of attempts, including the current one
 * @param since time when the batch ended
 * @param lease time until which no other sender gets the delivery
 * @param end how the batch ended
 */
record PendingDelivery(long id, long batch, int attempts, Instant since, Instant lease, End end) {

  /**
   * Represents how the batch ended; it may have been retried since.
   *
   * @param failure type of the problem of a failed batch; null for none
   */
  record End(
      BatchStatus status,
      Instant at,
      @Nullable String failure,
      long rowsScanned,
      long rowsChanged,
      long rowsSkipped) {}
}
