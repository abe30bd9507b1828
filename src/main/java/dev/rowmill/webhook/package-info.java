/**
 * Notifies the configured URLs when batches end. Deliveries are stored in a table, so none is lost.
 */
@NullMarked
package dev.rowmill.webhook;

import org.jspecify.annotations.NullMarked;
