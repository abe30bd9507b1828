/**
 * Starts batches at their time: those with a start time, and those of schedules, through
 * db-scheduler.
 */
@NullMarked
package dev.rowmill.schedule;

import org.jspecify.annotations.NullMarked;
