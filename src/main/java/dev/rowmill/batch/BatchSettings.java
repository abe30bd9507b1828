package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * What can be changed of a batch as long as it has not ended.
 *
 * @param chunkRows rows of a chunk: of each, or of the first where a target is set; null where the
 *     engine chooses
 * @param targetMillis how long a chunk should take, by which its rows are chosen; null where they
 *     are fixed
 * @param lanes how many workers share the batch, at most
 */
public record BatchSettings(
    @Nullable Integer chunkRows,
    @Nullable Integer targetMillis,
    int lanes,
    ThrottleLimits limits) {}
