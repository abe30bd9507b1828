/** Measures the speed of batches, stores their timelines, and streams their events. */
@NullMarked
package dev.rowmill.progress;

import org.jspecify.annotations.NullMarked;
