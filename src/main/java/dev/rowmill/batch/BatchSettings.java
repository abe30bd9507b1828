package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the settings of a batch that can change until it ends.
 *
 * @param chunkRows rows of each chunk, or of the first one if there is a target; null if the engine
 *     chooses
 * @param targetMillis target duration of a chunk, from which its rows are chosen; null if they are
 *     fixed
 * @param lanes maximum number of workers that share the batch
 */
public record BatchSettings(
    @Nullable Integer chunkRows, @Nullable Integer targetMillis, int lanes, ThrottleLimits limits) {

  public BatchSettings with(ThrottleLimits others) {
    return new BatchSettings(chunkRows, targetMillis, lanes, others);
  }
}
