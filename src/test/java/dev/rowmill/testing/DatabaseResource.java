package dev.rowmill.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Provides the database for {@code @QuarkusTest}s: one server for the whole JVM, or the one
 * configured by {@code testing.jdbc.url}, {@code testing.jdbc.username} and {@code
 * testing.jdbc.password}. The argument {@code schema} selects a schema other than {@code
 * rowmill_test}; a configured URL is used unchanged.
 */
public final class DatabaseResource implements QuarkusTestResourceLifecycleManager {

  private static final String GIVEN = "testing.jdbc.";

  /**
   * Holds the port as a system property instead of a static field. Each test profile may load this
   * class again, but must use the same server.
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
          System.getProperty(GIVEN + "password", ""),
          "rowmill.tasks.hosts",
          TaskEndpoint.HOSTS,
          "rowmill.tasks.answer-memory",
          "8M",
          "rowmill.tasks.row-memory",
          "8M");
    }
    synchronized (System.class) {
      if (System.getProperty(SHARED_PORT) == null) {
        TestServer server = new TestServer().start();
        // The hook also keeps the server reachable; if it were garbage collected, its pipe would
        // close.
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.setProperty(SHARED_PORT, Integer.toString(server.port()));
      }
    }
    return Map.of(
        // The tests of tokens use another resource.
        "rowmill.auth",
        "open",
        // Shorten the interval for the tests that wait for it.
        "rowmill.events.keep-alive",
        "1s",
        "rowmill.tasks.hosts",
        TaskEndpoint.HOSTS,
        "rowmill.tasks.answer-memory",
        "8M",
        "rowmill.tasks.row-memory",
        "8M",
        "rowmill.export.directory",
        exports().toString(),
        "quarkus.datasource.jdbc.url",
        TestServer.url(Integer.getInteger(SHARED_PORT), schema),
        "quarkus.datasource.username",
        TestServer.USER,
        "quarkus.datasource.password",
        TestServer.PASSWORD);
  }

  /** Returns the directory of exports, which it creates. */
  public static Path exports() {
    try {
      return Files.createDirectories(Path.of("target/test-exports").toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    // The server ends with the JVM, because other profiles use it too.
  }
}
