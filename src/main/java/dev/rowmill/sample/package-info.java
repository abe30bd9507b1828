/** Provides a sample shop: a table of a million items, two tasks in Java, and the demonstration. */
@NullMarked
package dev.rowmill.sample;

import org.jspecify.annotations.NullMarked;
