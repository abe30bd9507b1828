package dev.rowmill.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Configures the targets that are notified of events. */
@ConfigMapping(prefix = "rowmill.webhook")
interface WebhookConfig {

  /** Lists the target URLs, http or https. Without any, webhooks are off. */
  Optional<List<String>> url();

  /** Holds the secret that signs the deliveries; required if a URL is set. */
  Optional<String> secret();

  /** Limits the time to connect, and the time until the response. */
  @WithDefault("10s")
  Duration timeout();

  /** Limits the time after an event in which its delivery is retried. */
  @WithDefault("3d")
  Duration giveUpAfter();

  /** Sets how long settled deliveries are retained, both delivered and failed ones. */
  @WithDefault("14d")
  Duration retention();
}
