/** Where the service starts, and the clock it goes by. */
@NullMarked
package dev.rowmill;

import org.jspecify.annotations.NullMarked;
