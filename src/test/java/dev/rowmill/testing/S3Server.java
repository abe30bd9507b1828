package dev.rowmill.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;

/**
 * Runs an S3 server, which is Adobe's S3Mock, as a process of its own. It has one bucket. Not
 * thread-safe.
 */
public final class S3Server implements AutoCloseable {

  public static final String BUCKET = "exports";
  public static final String SECRET = "secret-of-s3";

  private static final String SETTINGS = "--com.adobe.testing.s3mock.";

  private final Process process;
  private final int port;

  /**
   * Starts a server, and waits until it responds.
   *
   * @param directory for its files
   */
  public S3Server(Path directory) {
    // The program is a jar on the class path of the tests, whose classes are inside other jars.
    String loader = "org/springframework/boot/loader/launch/JarLauncher.class";
    URL inside = Objects.requireNonNull(S3Server.class.getClassLoader().getResource(loader));
    String jar = inside.toString().replaceAll("^jar:(.*)!/.*$", "$1");
    try {
      port = TestServer.freePort();
      process =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-Xmx200m",
                  "-jar",
                  new File(URI.create(jar)).toString(),
                  "--server.address=127.0.0.1",
                  "--server.port=" + TestServer.freePort(),
                  SETTINGS + "httpPort=" + port,
                  SETTINGS + "store.initialBuckets=" + BUCKET,
                  SETTINGS + "store.root=" + directory)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolveSibling("s3.log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await("the S3 server")
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .until(() -> status() == HttpURLConnection.HTTP_OK);
  }

  private int status() throws IOException {
    var connection =
        (HttpURLConnection) URI.create(url(port) + "/" + BUCKET).toURL().openConnection();
    return connection.getResponseCode();
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  /** Returns the settings of a service that exports to this server. */
  public Map<String, String> config() {
    return config(port);
  }

  /** Returns the settings of a service whose server is not running. */
  public static Map<String, String> away() throws IOException {
    return config(TestServer.freePort());
  }

  private static Map<String, String> config(int port) {
    return Map.of(
        "rowmill.export.s3.endpoint",
        url(port),
        "rowmill.export.s3.buckets",
        BUCKET + ",missing",
        "rowmill.export.s3.access-key",
        "key",
        "rowmill.export.s3.secret-key",
        SECRET,
        "rowmill.export.s3.path-style",
        "true");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
