/** Runs tasks that other services do over HTTP, and writes what they answer. */
@NullMarked
package dev.rowmill.httptask;

import org.jspecify.annotations.NullMarked;
