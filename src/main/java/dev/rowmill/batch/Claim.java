package dev.rowmill.batch;

/**
 * A run's right to work on a batch.
 *
 * @param batch as claimed
 * @param lane its checkpoint, of the run's own epoch
 */
public record Claim(BatchView batch, LaneState lane) {

  /** The number of the run. */
  public int epoch() {
    return lane.epoch();
  }
}
