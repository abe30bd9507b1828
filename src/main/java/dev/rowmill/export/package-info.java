/** Implements the task that writes the rows of a query to files. */
@NullMarked
package dev.rowmill.export;

import org.jspecify.annotations.NullMarked;
