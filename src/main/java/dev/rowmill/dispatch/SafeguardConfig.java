package dev.rowmill.dispatch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;

/** What guards against changes that are larger than meant. */
@ConfigMapping(prefix = "rowmill.guard")
public interface SafeguardConfig {

  /** Whether a statement without a WHERE must be said to be meant for the whole table. */
  @WithDefault("true")
  boolean requireWhere();

  /** Rows that a batch may plan to change, and change; none for no bound. */
  Optional<@Min(1) Long> maxRows();

  /** How long the runs of a batch may take together; none for no bound. */
  Optional<Duration> maxDuration();

  /**
   * When batches may run, such as {@code 22:00-05:00 Europe/Berlin} or {@code 22:00-05:00
   * Europe/Berlin mon,tue}; none for always.
   */
  Optional<String> window();
}
