/** Writes rows to files, as CSV, NDJSON and Parquet. */
@NullMarked
package dev.rowmill.files;

import org.jspecify.annotations.NullMarked;
