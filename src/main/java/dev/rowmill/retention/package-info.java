/** Deletes rows that are older than a time, and drops partitions of such rows. */
@NullMarked
package dev.rowmill.retention;

import org.jspecify.annotations.NullMarked;
