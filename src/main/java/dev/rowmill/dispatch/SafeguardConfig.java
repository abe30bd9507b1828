package dev.rowmill.dispatch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;

/** Configures the safeguards against changes that are larger than intended. */
@ConfigMapping(prefix = "rowmill.guard")
public interface SafeguardConfig {

  /**
   * Returns whether a statement without a WHERE needs a confirmation that it is meant for all rows.
   */
  @WithDefault("true")
  boolean requireWhere();

  /** Returns the most rows that a batch may plan to change, and may change; empty for no bound. */
  Optional<@Min(1) Long> maxRows();

  /** Returns the longest time that the runs of a batch may take together; empty for no bound. */
  Optional<Duration> maxDuration();

  /**
   * Returns when batches may run, such as {@code 22:00-05:00 Europe/Berlin} or {@code 22:00-05:00
   * Europe/Berlin mon,tue}; empty for always.
   */
  Optional<String> window();
}
