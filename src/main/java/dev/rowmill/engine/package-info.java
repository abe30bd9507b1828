/** Runs one batch, or its undo, chunk by chunk. */
@NullMarked
package dev.rowmill.engine;

import org.jspecify.annotations.NullMarked;
