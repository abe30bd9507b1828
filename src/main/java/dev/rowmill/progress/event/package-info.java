/** Publishes changes of status and progress to listeners. */
@NullMarked
package dev.rowmill.progress.event;

import org.jspecify.annotations.NullMarked;
