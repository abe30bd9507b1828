/** Hostile statements, bodies and requests against the real service: none gets through. */
@NullMarked
package dev.rowmill.guard;

import org.jspecify.annotations.NullMarked;
