package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the settings of a batch that can change until it ends.
 *
 * @param chunkRows rows of each chunk, or of the first one if there is a target; null if the engine
 *     chooses
 * @param targetMillis target duration of a chunk, from which its rows are chosen; null if they are
 *     fixed
 * @param lanes number of workers that share the batch; {@link #AUTOMATIC} if the engine chooses
 */
public record BatchSettings(
    @Nullable Integer chunkRows, @Nullable Integer targetMillis, int lanes, ThrottleLimits limits) {

  /** Lets the engine choose the number of lanes while the batch runs. */
  public static final int AUTOMATIC = 0;

  /** Returns whether the engine chooses the number of lanes. */
  public boolean hasAutomaticLanes() {
    return lanes == AUTOMATIC;
  }

  /** Returns the number of lanes that the batch begins with. */
  public int firstLanes() {
    return hasAutomaticLanes() ? 1 : lanes;
  }

  public BatchSettings with(ThrottleLimits others) {
    return new BatchSettings(chunkRows, targetMillis, lanes, others);
  }
}
