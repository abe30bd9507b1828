package dev.rowmill.export;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.export.ExportParameters.To;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests which places exports may write to. */
@BesideOthers
class ExportTargetsTest {

  private record Config(@Nullable Path root, List<String> names, @Nullable String key)
      implements ExportConfig, ExportConfig.S3 {

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
      return Optional.empty();
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
    assertThrows(NotDirectoryException.class, () -> targets.open(new To("d", null, null), 1));
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

  private static String link(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}
