package dev.rowmill.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Runs a service that sends webhooks, with timeouts of seconds instead of minutes for slow clients.
 * Tests of other features end no batch on it.
 */
public final class WebhookProfile implements QuarkusTestProfile {

  /** Signs the webhooks. */
  public static final String SECRET = Secrets.MARK + "of-webhooks";

  /** Reserves a port on which a test may listen. */
  public static final class Settings implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
      try {
        int port = TestServer.freePort();
        return Map.of(
            "testing.webhook.port",
            Integer.toString(port),
            "rowmill.webhook.url",
            "http://rowmill:pw@127.0.0.1:" + port + "/hook",
            "rowmill.webhook.timeout",
            "3s",
            "rowmill.webhook.secret",
            SECRET);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void stop() {
      // Nothing to stop.
    }
  }

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of("rowmill.http.body-timeout", "1s", "quarkus.http.idle-timeout", "2S");
  }

  @Override
  public List<TestResourceEntry> testResources() {
    return List.of(new TestResourceEntry(Settings.class));
  }
}
