/**
 * Notifies the configured URLs when batches end or wait for an approval, and when firings of
 * schedules fail or are missed. Deliveries are stored in a table, so none is lost.
 */
@NullMarked
package dev.rowmill.webhook;

import org.jspecify.annotations.NullMarked;
