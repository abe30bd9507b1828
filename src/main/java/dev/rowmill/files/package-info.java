/** Writes rows to files, as CSV, NDJSON and Parquet, and reads CSV and NDJSON. */
@NullMarked
package dev.rowmill.files;

import org.jspecify.annotations.NullMarked;
