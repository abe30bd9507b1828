package dev.rowmill.webhook;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** Validates and holds the configured targets. Immutable. */
@ApplicationScoped
class WebhookTargets {

  private static final int SHORTEST_SECRET = 16;

  private final List<WebhookTarget> all;
  private final Signer signer;

  /**
   * Reads the configuration.
   *
   * @throws IllegalStateException if the configuration is invalid; the message contains neither the
   *     secret nor a URL
   */
  WebhookTargets(WebhookConfig config) {
    List<String> urls = config.url().orElse(List.of());
    String secret = config.secret().orElse("");
    List<WebhookTarget> targets = new ArrayList<>();
    for (int i = 0; i < urls.size(); i++) {
      try {
        targets.add(WebhookTarget.of(urls.get(i).strip()));
      } catch (IllegalArgumentException e) {
        throw new IllegalStateException(
            "rowmill.webhook.url: number " + (i + 1) + " is " + e.getMessage());
      }
    }
    if (!targets.isEmpty() && secret.length() < SHORTEST_SECRET) {
      throw new IllegalStateException(
          "rowmill.webhook.url requires rowmill.webhook.secret, with "
              + SHORTEST_SECRET
              + " or more characters");
    }
    all = targets.stream().distinct().toList();
    signer = new Signer(secret);
  }

  List<WebhookTarget> all() {
    return all;
  }

  Signer signer() {
    return signer;
  }
}
