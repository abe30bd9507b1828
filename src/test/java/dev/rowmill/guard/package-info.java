/** Tests hostile statements, bodies and requests against the real service. */
@NullMarked
package dev.rowmill.guard;

import org.jspecify.annotations.NullMarked;
