/** Writes rows to files, as CSV, NDJSON and Parquet, and reads them. */
@NullMarked
package dev.rowmill.files;

import org.jspecify.annotations.NullMarked;
