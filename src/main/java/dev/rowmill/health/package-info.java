/** Says whether the process is alive, and whether it is ready for work. */
@NullMarked
package dev.rowmill.health;

import org.jspecify.annotations.NullMarked;
