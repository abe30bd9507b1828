package dev.rowmill.progress;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Holds the present speed of a batch. Waits count: both figures are rows per second of elapsed
 * time.
 *
 * @param rowsPerSecond rows per second over the last seconds; 0 while nothing is done
 * @param lately rows per second over the last minute, for an estimate of the remaining time; empty
 *     when nothing was done in it
 * @param lastChunk duration of the newest chunk; empty before the first
 * @param lanes number of lanes that may be worked on now
 */
public record Speed(
    double rowsPerSecond, OptionalDouble lately, Optional<Duration> lastChunk, int lanes) {}
