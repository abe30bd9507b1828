package dev.rowmill.progress;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How fast a batch goes now. Waits count: both figures are rows per second of the clock.
 *
 * @param rowsPerSecond over the last seconds; 0 while nothing is done
 * @param lately rows per second over the last minute, by which to tell how long the rest takes;
 *     empty when nothing was done in it
 * @param lastChunk how long the newest chunk took; empty before the first
 */
public record Speed(double rowsPerSecond, OptionalDouble lately, Optional<Duration> lastChunk) {}
