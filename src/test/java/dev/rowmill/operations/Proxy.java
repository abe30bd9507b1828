package dev.rowmill.operations;

import dev.rowmill.embedded.GuardedProcess;
import dev.rowmill.testing.RunDirectory;
import dev.rowmill.testing.SystemProgram;
import dev.rowmill.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;

/**
 * Runs a reverse proxy of the system with an example of docs/proxies.md, on a free port of this
 * machine. It ends with the tests' JVM.
 *
 * <p>Not thread-safe.
 */
final class Proxy implements AutoCloseable {

  private static final Path EXAMPLES = Path.of("docs/proxies");
  private static final Path PAGE = Path.of("docs/proxies.md");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What nginx needs around the file, which belongs into its http block. */
  private static final String NGINX =
      """
      daemon off;
      pid nginx.pid;
      events {}
      http {
        access_log off;
        client_body_temp_path temp;
        proxy_temp_path temp;
        fastcgi_temp_path temp;
        uwsgi_temp_path temp;
        scgi_temp_path temp;
        include rowmill.conf;
      }
      """;

  /** Keeps Caddy away from the ports and folders of one that the system runs. */
  private static final String CADDY =
      """
      {
        admin off
        auto_https disable_redirects
        skip_install_trust
        default_bind 127.0.0.1
      }
      import rowmill.conf
      """;

  private final RunDirectory directory;
  private final int port;
  private final GuardedProcess process;

  private Proxy(RunDirectory directory, int port, GuardedProcess process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  /** Runs nginx in front of a service. */
  static Proxy nginx(int service, Path certificates) throws IOException {
    int port = TestServer.freePort();
    return start(
        SystemProgram.demand("nginx"),
        port,
        "nginx.conf",
        Map.of(
            "listen 443",
            "listen 127.0.0.1:" + port,
            "127.0.0.1:8080",
            "127.0.0.1:" + service,
            "rowmill.example.com",
            "localhost",
            "/etc/rowmill",
            certificates.toString()),
        NGINX,
        "-p",
        ".",
        "-e",
        "stderr",
        "-c",
        "main.conf");
  }

  /** Runs Caddy in front of a service. */
  static Proxy caddy(int service, Path certificates) throws IOException {
    int port = TestServer.freePort();
    return start(
        SystemProgram.demand("caddy"),
        port,
        "Caddyfile",
        Map.of(
            "127.0.0.1:8080", "127.0.0.1:" + service,
            "rowmill.example.com", "localhost:" + port,
            "/etc/rowmill", certificates.toString()),
        CADDY,
        "run",
        "--config",
        "main.conf",
        "--adapter",
        "caddyfile");
  }

  /** Runs HAProxy in front of a service. */
  static Proxy haproxy(int service, Path certificates) throws IOException {
    int port = TestServer.freePort();
    return haproxy(
        port,
        "haproxy.cfg",
        Map.of(
            "bind :443", "bind 127.0.0.1:" + port,
            "127.0.0.1:8080", "127.0.0.1:" + service,
            "/etc/rowmill", certificates.toString()));
  }

  /**
   * Runs HAProxy in front of a database.
   *
   * @param idle time without traffic after which it closes a connection, such as {@code 4s}
   */
  static Proxy haproxy(TestServer database, String idle) throws IOException {
    int port = TestServer.freePort();
    return haproxy(
        port,
        "haproxy-database.cfg",
        Map.of(
            "127.0.0.1:3306", "127.0.0.1:" + port,
            "10.0.0.11:3306", "127.0.0.1:" + database.port(),
            // No standby: nothing listens there.
            "10.0.0.12:3306", "127.0.0.1:" + TestServer.freePort(),
            "timeout client 11m", "timeout client " + idle,
            "timeout server 11m", "timeout server " + idle));
  }

  private static Proxy haproxy(int port, String example, Map<String, String> changes)
      throws IOException {
    return start(
        SystemProgram.demand("haproxy"), port, example, changes, "", "-db", "-f", "rowmill.conf");
  }

  private static Proxy start(
      String program,
      int port,
      String example,
      Map<String, String> changes,
      String main,
      String... arguments)
      throws IOException {
    RunDirectory directory = RunDirectory.create(Path.of("target/proxies"), "proxy");
    Path folder = directory.path().toAbsolutePath();
    String configuration = Files.readString(EXAMPLES.resolve(example));
    Assertions.assertTrue(Files.readString(PAGE).contains(configuration), PAGE + " differs");
    for (Map.Entry<String, String> change : changes.entrySet()) {
      Assertions.assertTrue(configuration.contains(change.getKey()), change::getKey);
      configuration = configuration.replace(change.getKey(), change.getValue());
    }
    Files.writeString(folder.resolve("rowmill.conf"), configuration);
    Files.writeString(folder.resolve("main.conf"), main);
    String run = "cd '%s' && XDG_DATA_HOME=. XDG_CONFIG_HOME=. exec '%s' %s";
    GuardedProcess process =
        GuardedProcess.start(
            List.of("sh", "-c", run.formatted(folder, program, String.join(" ", arguments))),
            folder.resolve("proxy.pid"),
            folder.resolve("proxy.log"));
    var proxy = new Proxy(directory, port, process);
    proxy.awaitConnections();
    return proxy;
  }

  private void awaitConnections() {
    Awaitility.await("the proxy, see " + directory.path())
        .atMost(PATIENCE)
        .failFast(() -> !process.isAlive())
        .ignoreExceptions()
        .until(
            () -> {
              new Socket("127.0.0.1", port).close();
              return true;
            });
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws IOException {
    process.release();
    if (!process.awaitExit(PATIENCE)) {
      throw new IllegalStateException("the proxy does not end, see " + directory.path());
    }
    directory.close();
  }
}
