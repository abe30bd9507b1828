/** Stores, shows and runs schedules. */
@NullMarked
package dev.rowmill.rest.schedule;

import org.jspecify.annotations.NullMarked;
