package dev.rowmill.dispatch.pool;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** The threads that batches run on. */
@ConfigMapping(prefix = "rowmill.pool")
public interface PoolConfig {

  /** Threads, and so batches that run at once. */
  @WithDefault("20")
  @Min(1)
  @Max(1000)
  int size();

  /** Batches that may be accepted without a thread being free; a start past that gets 503. */
  @WithDefault("1000")
  @Min(0)
  int queue();
}
