package dev.rowmill.batch;

import java.util.List;

/**
 * A run's right to work on a batch.
 *
 * @param batch as claimed
 * @param lanes its checkpoints, of the run's own epoch, one at least
 */
public record Claim(BatchView batch, List<LaneState> lanes) {
  public Claim {
    lanes = List.copyOf(lanes);
  }

  /** The number of the run. */
  public int epoch() {
    return batch.epoch();
  }
}
