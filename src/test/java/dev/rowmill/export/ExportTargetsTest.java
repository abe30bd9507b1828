package dev.rowmill.export;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.export.ExportParameters.To;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which places exports may write to. */
@BesideOthers
class ExportTargetsTest {

  private record Config(
      @Nullable Path root, List<String> names, @Nullable String key, @Nullable URI server)
      implements ExportConfig, ExportConfig.S3 {

    Config(@Nullable Path root, List<String> names, @Nullable String key) {
      this(root, names, key, null);
    }

    @Override
    public Optional<String> directory() {
      return Optional.ofNullable(root).map(Path::toString);
    }

    @Override
    public S3 s3() {
      return this;
    }

    @Override
    public Optional<List<String>> buckets() {
      return Optional.of(names);
    }

    @Override
    public Optional<URI> endpoint() {
      return Optional.ofNullable(server);
    }

    @Override
    public String region() {
      return "us-east-1";
    }

    @Override
    public Optional<String> accessKey() {
      return Optional.ofNullable(key);
    }

    @Override
    public Optional<String> secretKey() {
      return Optional.ofNullable(key);
    }

    @Override
    public boolean pathStyle() {
      return true;
    }
  }

  private static ExportTargets targets(Config config) {
    return new ExportTargets(config, () -> "one");
  }

  private static String refused(Config config, To to) {
    Refusal refusal = assertThrows(Refusal.class, () -> targets(config).check(to), to::toString);
    assertEquals("export-target", refusal.type());
    return refusal.reasons().get(0).code();
  }

  @Test
  void places_that_are_not_configured_are_refused(@TempDir Path directory) {
    var nothing = new Config(null, List.of(), null);
    assertEquals("export-no-directory", refused(nothing, new To("d", null, null)));
    assertEquals("export-no-credentials", refused(nothing, new To(null, "b", null)));
    var both = new Config(directory, List.of("b"), "k");
    assertEquals("export-bucket", refused(both, new To(null, "other", null)));
    assertEquals("export-one-target", refused(both, new To("d", "b", null)));
    assertEquals("export-one-target", refused(both, new To(null, null, null)));
    assertDoesNotThrow(() -> targets(both).check(new To(null, "b", "p")));
    assertDoesNotThrow(() -> targets(both).check(new To("d/e", null, null)));
    assertEquals(
        "export-no-directory",
        refused(
            new Config(directory.resolve("missing"), List.of(), null), new To("d", null, null)));
  }

  @Test
  void a_symbolic_link_is_never_followed(@TempDir Path directory, @TempDir Path outside)
      throws Exception {
    var targets = targets(new Config(directory, List.of(), null));
    Files.createSymbolicLink(directory.resolve("link"), outside);
    assertThrows(Refusal.class, () -> targets.check(new To("link", null, null)));
    assertThrows(Refusal.class, () -> targets.open(new To("link/d", null, null), 1));
    Files.createDirectory(directory.resolve("d"));
    Files.createSymbolicLink(directory.resolve("d/batch-1-one"), outside);
    assertThrows(StorageException.class, () -> targets.open(new To("d", null, null), 1));
  }

  @Test
  void a_published_file_is_listed_and_can_be_deleted(@TempDir Path directory) throws Exception {
    ExportTarget target =
        targets(new Config(directory, List.of(), null)).open(new To("a/b", null, null), 7);
    try (ExportTarget.NewFile file = target.create()) {
      file.stream().write("rows".getBytes(StandardCharsets.UTF_8));
      assertEquals(4, file.publish("part.csv"));
    }
    try (ExportTarget.NewFile file = target.create()) {
      file.stream().write(1);
    }
    assertEquals(Map.of("part.csv", 4L), target.files());
    assertEquals("rows", Files.readString(directory.resolve("a/b/batch-7-one/part.csv")));
    target.delete("part.csv");
    assertEquals(Map.of(), target.files());
  }

  @Test
  void installations_share_a_directory_without_a_collision(@TempDir Path directory)
      throws Exception {
    var config = new Config(directory, List.of(), null);
    var other = new ExportTargets(config, () -> "other");
    ExportTarget one = targets(config).open(new To("a", null, null), 7);
    ExportTarget two = other.open(new To("a", null, null), 7);
    try (ExportTarget.NewFile file = one.create()) {
      file.publish("manifest.json");
    }
    assertEquals(Map.of(), two.files());
    assertEquals("a/batch-7-other", two.place());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void a_file_for_a_bucket_has_no_name_that_a_kill_could_leave(@TempDir Path directory)
      throws Exception {
    ExportTarget target =
        targets(new Config(directory, List.of("b"), "k")).open(new To(null, "b", "p"), 7);
    assertEquals("p/batch-7-one", target.place());
    try (ExportTarget.NewFile file = target.create();
        Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      file.stream().write(1);
      assertTrue(
          open.map(ExportTargetsTest::link)
              .anyMatch(it -> it.matches(".*/rowmill-part-[^/]* \\(deleted\\)")));
    }
  }

  /** Returns the place of a batch in a bucket of a server, whose secret key is {@code k-secret}. */
  private static ExportTarget bucket(int port) throws Exception {
    URI server = URI.create("http://127.0.0.1:" + port);
    return targets(new Config(null, List.of("b"), "k-secret", server))
        .open(new To(null, "b", "p"), 7);
  }

  @Test
  void a_server_that_is_away_is_not_the_database() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    ExportTarget target = bucket(port);
    for (Executable request :
        List.<Executable>of(
            target::files,
            () -> target.read("f"),
            () -> {
              try (ExportTarget.NewFile file = target.create()) {
                file.publish("f");
              }
            })) {
      var error = assertThrows(StorageException.class, request);
      assertEquals(Optional.of(DatabaseFailure.STORAGE), DatabaseFailure.of(error));
      String message = String.valueOf(error.getMessage());
      assertTrue(message.contains("the bucket b at 127.0.0.1:" + port), message);
      assertFalse(message.contains("secret"), message);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, NoSuchKey, java.nio.file.NoSuchFileException",
    "404, NoSuchBucket, dev.rowmill.task.Refusal",
    "403, AccessDenied, dev.rowmill.task.Refusal",
    "503, SlowDown, dev.rowmill.export.StorageException",
    "429, TooManyRequests, dev.rowmill.export.StorageException",
    "200, cut off, java.io.IOException",
  })
  void errors_of_a_bucket_are_told_apart(int status, String code, Class<? extends Exception> error)
      throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body =
              "<Error><Code>%s</Code><Message>of a test</Message></Error>"
                  .formatted(code)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length + (status == 200 ? 1000 : 0));
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      ExportTarget target = bucket(server.getAddress().getPort());
      var thrown =
          assertThrows(
              error,
              () -> {
                try (InputStream in = target.read("f")) {
                  in.readAllBytes();
                }
              });
      if (thrown instanceof Refusal refusal) {
        assertEquals("export-storage", refusal.reasons().get(0).code());
      }
    } finally {
      server.stop(0);
    }
  }

  private static String link(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}
