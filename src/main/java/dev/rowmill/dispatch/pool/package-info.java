/**
 * Runs the thread pool of this process: its queue, its running batches, its node, and its shutdown.
 */
@NullMarked
package dev.rowmill.dispatch.pool;

import org.jspecify.annotations.NullMarked;
