/** Writes what batches have changed, row by row, as CSV, NDJSON and SQL. */
@NullMarked
package dev.rowmill.changes;

import org.jspecify.annotations.NullMarked;
