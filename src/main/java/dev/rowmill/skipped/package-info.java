/** Repeats the statement of a batch for the rows that the batch has passed over. */
@NullMarked
package dev.rowmill.skipped;

import org.jspecify.annotations.NullMarked;
