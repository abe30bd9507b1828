/** Says whether the next chunk may run now, and why not. */
@NullMarked
package dev.rowmill.throttle;

import org.jspecify.annotations.NullMarked;
