package dev.rowmill.dispatch.pool;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** Configures the threads on which batches run. */
@ConfigMapping(prefix = "rowmill.pool")
public interface PoolConfig {

  /** Returns the number of threads, which limits how many batches run at once. */
  @WithDefault("20")
  @Min(1)
  @Max(1000)
  int size();

  /** Returns how many batches may be accepted without a free thread; a start past that gets 503. */
  @WithDefault("1000")
  @Min(0)
  int queue();
}
