/**
 * Starts, pauses, resumes, cancels and undoes batches, assigns them to threads, and drains at
 * shutdown.
 */
@NullMarked
package dev.rowmill.dispatch;

import org.jspecify.annotations.NullMarked;
