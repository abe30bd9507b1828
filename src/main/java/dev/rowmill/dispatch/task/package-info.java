/** Finds tasks by name, and binds their parameters. */
@NullMarked
package dev.rowmill.dispatch.task;

import org.jspecify.annotations.NullMarked;
