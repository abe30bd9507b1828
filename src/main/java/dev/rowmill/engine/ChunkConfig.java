package dev.rowmill.engine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** The chunks of a batch that doesn't say how large it wants them. */
@ConfigMapping(prefix = "rowmill.chunk")
public interface ChunkConfig {

  /** Rows of the first chunk, where no batch over the same table has told better. */
  @WithDefault("1000")
  @Min(10)
  @Max(100_000)
  int rows();

  /** Milliseconds that a chunk should take: what it locks, others wait for. */
  @WithDefault("50")
  @Min(1)
  @Max(60_000)
  int targetMillis();
}
