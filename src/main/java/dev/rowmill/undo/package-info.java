/** Puts the rows of a batch back, from what its chunks have kept. */
@NullMarked
package dev.rowmill.undo;

import org.jspecify.annotations.NullMarked;
