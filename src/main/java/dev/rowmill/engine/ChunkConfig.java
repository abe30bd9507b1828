package dev.rowmill.engine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** Configures the chunks of batches that set no chunk size themselves. */
@ConfigMapping(prefix = "rowmill.chunk")
public interface ChunkConfig {

  /**
   * Sets the rows of the first chunk, where no earlier batch over the same table has stored a size.
   */
  @WithDefault("1000")
  @Min(10)
  @Max(100_000)
  int rows();

  /** Sets the milliseconds that a chunk should take. Others wait that long for its locks. */
  @WithDefault("50")
  @Min(1)
  @Max(60_000)
  int targetMillis();
}
