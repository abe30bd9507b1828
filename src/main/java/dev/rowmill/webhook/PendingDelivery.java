package dev.rowmill.webhook;

import java.time.Instant;

/**
 * A delivery that is to be tried now. Immutable.
 *
 * @param attempts with the one that is to be made
 * @param since when the batch has ended
 * @param lease until when nobody else is given it
 */
record PendingDelivery(long id, long batch, int attempts, Instant since, Instant lease) {}
