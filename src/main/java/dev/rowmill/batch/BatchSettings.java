package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the settings that can be changed until a batch has ended.
 *
 * @param chunkRows rows of each chunk, or of the first one if a target time is set; null when the
 *     engine chooses
 * @param targetMillis target time of a chunk, from which the engine computes its rows; null when
 *     they are fixed
 * @param lanes maximum number of workers of the batch
 * @param limits throttle limits of the batch
 */
public record BatchSettings(
    @Nullable Integer chunkRows,
    @Nullable Integer targetMillis,
    int lanes,
    ThrottleLimits limits) {}
