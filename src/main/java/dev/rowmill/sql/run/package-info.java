/** Runs a statement chunk by chunk, and captures and restores row images. */
@NullMarked
package dev.rowmill.sql.run;

import org.jspecify.annotations.NullMarked;
