package dev.rowmill.task;

import org.jspecify.annotations.Nullable;

/**
 * What came of a chunk.
 *
 * @param changed rows that it changed
 * @param image what it takes to put them back; null when nothing changed
 */
public record ChunkResult(long changed, @Nullable Image image) {}
