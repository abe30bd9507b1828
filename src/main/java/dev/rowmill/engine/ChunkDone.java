package dev.rowmill.engine;

import java.time.Duration;

/**
 * A chunk that has been committed.
 *
 * @param lane number of its lane, from 0
 * @param rowsScanned rows of its range
 * @param took from the start of its transaction to its commit; zero when its answer was lost
 */
public record ChunkDone(int lane, long rowsScanned, long rowsChanged, Duration took) {}
