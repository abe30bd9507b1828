/**
 * The one entry to start, pause, resume, cancel and undo; brings a batch to a thread; drains at
 * shutdown.
 */
@NullMarked
package dev.rowmill.dispatch;

import org.jspecify.annotations.NullMarked;
