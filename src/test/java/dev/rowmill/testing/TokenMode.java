package dev.rowmill.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;

/** Provides the database of {@code @QuarkusTest}s that need tokens, behind a trusted proxy. */
public final class TokenMode implements QuarkusTestResourceLifecycleManager {

  /** Names the file of the first admin token. */
  public static final String FILE = "target/test-admin-token";

  private final DatabaseResource database = new DatabaseResource();

  @Override
  public Map<String, String> start() {
    database.init(Map.of("schema", "rowmill_tokens"));
    Map<String, String> config = new HashMap<>(database.start());
    config.put("rowmill.auth", "token");
    config.put("rowmill.auth.token-file", FILE);
    // Gives each test its own address, so that wrong tokens of one test do not block others.
    config.put("quarkus.http.proxy.proxy-address-forwarding", "true");
    config.put("quarkus.http.proxy.allow-x-forwarded", "true");
    config.put("quarkus.http.proxy.trusted-proxies", "127.0.0.1");
    config.put("rowmill.agent.enabled", "true");
    config.put("rowmill.agent.approval-rows", "5");
    config.put("quarkus.http.access-log.enabled", "true");
    config.put("quarkus.http.access-log.pattern", "combined");
    return config;
  }

  @Override
  public void stop() {}
}
