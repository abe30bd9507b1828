/** Knows how fast batches go, and streams what happens to them. */
@NullMarked
package dev.rowmill.progress;

import org.jspecify.annotations.NullMarked;
