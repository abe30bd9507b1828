package dev.rowmill.webhook;

import java.time.Instant;

/**
 * Represents a delivery that is due. Immutable.
 *
 * @param attempts number of attempts, including the current one
 * @param since time when the batch ended
 * @param lease time until which no other sender gets the delivery
 */
record PendingDelivery(long id, long batch, int attempts, Instant since, Instant lease) {}
