/** Defines the interfaces that a kind of work implements, on JDK types alone. */
@NullMarked
package dev.rowmill.task;

import org.jspecify.annotations.NullMarked;
