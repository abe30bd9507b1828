package dev.rowmill.engine;

import java.time.Duration;

/**
 * Describes a committed chunk.
 *
 * @param lane number of its lane, from 0
 * @param rowsScanned rows of its range
 * @param rowsSkipped rows that were passed over
 * @param took from the start of its transaction to its commit; zero when the response was lost
 */
public record ChunkDone(
    int lane, long rowsScanned, long rowsChanged, long rowsSkipped, Duration took) {}
