/** Injects real faults into real processes: kills, stops and network failures. */
@NullMarked
package dev.rowmill.faults;

import org.jspecify.annotations.NullMarked;
