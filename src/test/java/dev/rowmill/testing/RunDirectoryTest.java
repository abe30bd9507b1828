package dev.rowmill.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which directories of test runs are deleted, and when. */
class RunDirectoryTest {

  @TempDir Path parent;

  private Path left(String name) throws IOException {
    Path directory = Files.createDirectories(parent.resolve(name).resolve("data"));
    Files.writeString(directory.resolve("rows"), "1");
    return parent.resolve(name);
  }

  private List<Path> children() throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children.sorted().toList();
    }
  }

  private static Process process() throws IOException {
    return new ProcessBuilder("cat").start();
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Test
  void a_directory_is_deleted_when_it_is_closed() throws IOException {
    try (RunDirectory directory = RunDirectory.create(parent, "server")) {
      Files.writeString(directory.path().resolve("rows"), "1");
      assertEquals(List.of(directory.path()), children());
    }
    assertEquals(List.of(), children());
  }

  @Test
  void a_directory_is_deleted_by_a_later_run_only_after_its_own_run_has_ended() throws Exception {
    Process run = process();
    Path used = left("server-" + run.pid() + "-1");
    try {
      RunDirectory.create(parent, "server").close();
      assertTrue(Files.exists(used.resolve("data/rows")));
    } finally {
      kill(run);
    }
    RunDirectory.create(parent, "server").close();
    assertEquals(List.of(), children());
  }

  @Test
  void a_directory_whose_server_outlives_its_run_is_deleted_only_after_the_server_has_ended()
      throws Exception {
    Process run = process();
    kill(run);
    Path used = left("server-" + run.pid() + "-1");
    Process server = process();
    try {
      Files.writeString(used.resolve("server.pid"), server.pid() + "\n");
      RunDirectory.create(parent, "server").close();
      assertTrue(Files.exists(used.resolve("data/rows")));
    } finally {
      kill(server);
    }
    RunDirectory.create(parent, "server").close();
    assertFalse(Files.exists(used));
  }

  @Test
  void directories_of_another_kind_stay() throws Exception {
    Process run = process();
    kill(run);
    List<Path> others =
        List.of(left("crash-" + run.pid() + "-1"), left("server"), left("server-template"));
    RunDirectory.create(parent, "server").close();
    assertEquals(others, children());
  }
}
