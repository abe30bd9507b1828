package dev.rowmill.task;

import org.jspecify.annotations.Nullable;

/**
 * Holds the result of a chunk.
 *
 * @param changed number of rows changed
 * @param image undo image; null when nothing changed
 */
public record ChunkResult(long changed, @Nullable Image image) {}
