/** Writes rows to files, as CSV, NDJSON and Parquet, and reads Parquet. */
@NullMarked
package dev.rowmill.files;

import org.jspecify.annotations.NullMarked;
