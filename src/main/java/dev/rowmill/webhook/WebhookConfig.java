package dev.rowmill.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Who is told of the ends of batches. */
@ConfigMapping(prefix = "rowmill.webhook")
interface WebhookConfig {

  /** Addresses, http or https; none when left out. */
  Optional<List<String>> url();

  /** What deliveries are signed with; needed with an address. */
  Optional<String> secret();

  /** How long a receiver may take to answer, and as long to take a connection. */
  @WithDefault("10s")
  Duration timeout();

  /** How long after a batch's end its delivery is tried again. */
  @WithDefault("3d")
  Duration giveUpAfter();

  /** How long deliveries that came to an end, good or bad, are kept. */
  @WithDefault("14d")
  Duration retention();
}
