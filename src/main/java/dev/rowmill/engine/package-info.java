/** Runs one batch chunk by chunk, or puts its rows back. */
@NullMarked
package dev.rowmill.engine;

import org.jspecify.annotations.NullMarked;
