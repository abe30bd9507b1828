package dev.rowmill.batch;

import java.util.List;

/**
 * Represents a run's right to work on a batch.
 *
 * @param batch batch as claimed
 * @param lanes its checkpoints, with the epoch of the run; at least one
 */
public record Claim(BatchView batch, List<LaneState> lanes) {
  public Claim {
    lanes = List.copyOf(lanes);
  }

  /** Returns the number of the run. */
  public int epoch() {
    return batch.epoch();
  }
}
