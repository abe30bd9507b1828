/** Defines batches with their statuses, settings, checkpoints and failures. */
@NullMarked
package dev.rowmill.batch;

import org.jspecify.annotations.NullMarked;
