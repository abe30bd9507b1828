package dev.rowmill.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Gives {@code @QuarkusTest}s their database: one server for the whole JVM, or the one that {@code
 * testing.jdbc.url}, {@code testing.jdbc.username} and {@code testing.jdbc.password} name. The
 * argument {@code schema} names a schema other than {@code rowmill_test}; a given URL is used as it
 * is.
 */
public final class DatabaseResource implements QuarkusTestResourceLifecycleManager {

  private static final String GIVEN = "testing.jdbc.";

  /**
   * System properties rather than a static field: each test profile may load this class anew, and
   * the server is to be the same one.
   */
  private static final String SHARED_PORT = "testing.shared.port";

  private String schema = "rowmill_test";

  @Override
  public void init(Map<String, String> arguments) {
    schema = arguments.getOrDefault("schema", schema);
  }

  @Override
  public Map<String, String> start() {
    String given = System.getProperty(GIVEN + "url");
    if (given != null) {
      return Map.of(
          "rowmill.auth",
          "open",
          "quarkus.datasource.jdbc.url",
          given,
          "quarkus.datasource.username",
          System.getProperty(GIVEN + "username", "root"),
          "quarkus.datasource.password",
          System.getProperty(GIVEN + "password", ""));
    }
    synchronized (System.class) {
      if (System.getProperty(SHARED_PORT) == null) {
        TestServer server = new TestServer().start();
        // The hook also keeps the server reachable: once it were collected, its pipe would close.
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.setProperty(SHARED_PORT, Integer.toString(server.port()));
      }
    }
    return Map.of(
        // What the tests of tokens are for.
        "rowmill.auth",
        "open",
        // So that tests need not wait for one.
        "rowmill.events.keep-alive",
        "1s",
        "quarkus.datasource.jdbc.url",
        TestServer.url(Integer.getInteger(SHARED_PORT), schema),
        "quarkus.datasource.username",
        TestServer.USER,
        "quarkus.datasource.password",
        TestServer.PASSWORD);
  }

  @Override
  public void stop() {
    // Ends with the JVM, as the next profile's tests want it too.
  }
}
