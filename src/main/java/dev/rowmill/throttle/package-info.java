/** Decides whether the next chunk may run now, and gives the reason if not. */
@NullMarked
package dev.rowmill.throttle;

import org.jspecify.annotations.NullMarked;
