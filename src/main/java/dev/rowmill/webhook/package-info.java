/** Tells configured addresses how batches end, from a table, so that none is lost. */
@NullMarked
package dev.rowmill.webhook;

import org.jspecify.annotations.NullMarked;
