/** Tells a tracing system of the runs of batches, where one is configured. */
@NullMarked
package dev.rowmill.trace;

import org.jspecify.annotations.NullMarked;
