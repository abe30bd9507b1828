package dev.rowmill.engine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** Configures the lanes of batches that let the engine choose their number. */
@ConfigMapping(prefix = "rowmill.lanes")
public interface LaneConfig {

  /**
   * Limits the lanes that all automatic batches of a node have together, beyond the first one of
   * each. 0 means one lane for each batch.
   */
  @WithDefault("8")
  @Min(0)
  @Max(1000)
  int budget();

  /**
   * Sets how many statements of others may run on the server while automatic batches have several
   * lanes. Where more run, each of these batches has one lane.
   */
  @WithDefault("3")
  @Min(0)
  @Max(100_000)
  int othersRunning();
}
