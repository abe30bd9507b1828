/** Knows what runs for which project in this JVM, and owns the serial lock. */
@NullMarked
package dev.rowmill.tracker;

import org.jspecify.annotations.NullMarked;
