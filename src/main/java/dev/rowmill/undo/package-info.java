/** Restores the rows of a batch from its undo images. */
@NullMarked
package dev.rowmill.undo;

import org.jspecify.annotations.NullMarked;
