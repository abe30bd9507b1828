/** Real faults on real processes: what is killed, stopped or cut off, and what must hold then. */
@NullMarked
package dev.rowmill.faults;

import org.jspecify.annotations.NullMarked;
