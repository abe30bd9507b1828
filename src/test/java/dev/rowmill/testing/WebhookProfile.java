package dev.rowmill.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;

/**
 * Runs a service that sends webhooks, and that waits seconds for slow clients where others wait
 * minutes. Tests that are not about webhooks end no batch on it.
 */
public final class WebhookProfile implements QuarkusTestProfile {

  /** Signs the webhooks. */
  public static final String SECRET = Secrets.MARK + "of-webhooks";

  /** Names a port, on which each test listens or does not. */
  public static final class Settings implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
      try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int port = free.getLocalPort();
        return Map.of(
            "testing.webhook.port",
            Integer.toString(port),
            "rowmill.webhook.url",
            "http://rowmill:pw@127.0.0.1:" + port + "/hook",
            "rowmill.webhook.timeout",
            "1s",
            "rowmill.webhook.secret",
            SECRET);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void stop() {
      // There is nothing to stop.
    }
  }

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of("rowmill.http.body-timeout", "2s", "quarkus.http.idle-timeout", "4S");
  }

  @Override
  public List<TestResourceEntry> testResources() {
    return List.of(new TestResourceEntry(Settings.class));
  }
}
