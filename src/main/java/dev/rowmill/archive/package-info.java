/** Moves rows of a table, with their child rows, to other tables or to files, and back. */
@NullMarked
package dev.rowmill.archive;

import org.jspecify.annotations.NullMarked;
