/** Batches, their states, checkpoints and undo images, and the only code that writes them. */
@NullMarked
package dev.rowmill.batch;

import org.jspecify.annotations.NullMarked;
