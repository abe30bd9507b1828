/** Moves rows of a table, with their child rows, to other tables on the same server. */
@NullMarked
package dev.rowmill.archive;

import org.jspecify.annotations.NullMarked;
