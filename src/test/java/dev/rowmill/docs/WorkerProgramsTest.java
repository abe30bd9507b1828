package dev.rowmill.docs;

import static dev.rowmill.testing.Batches.PATIENCE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.TaskEndpoint;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the programs of docs/tasks.md against the service, where their language is installed. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class WorkerProgramsTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final Path PROGRAMS = Path.of("docs/workers");

  private final String project = Batches.newProject();
  private final String task = "w-" + project;
  @RegisterExtension final WorkTable table = WorkTable.ofRows(50);

  @Test
  void the_document_shows_the_programs() throws IOException {
    String document = Files.readString(Path.of("docs/tasks.md"));
    try (Stream<Path> programs = Files.list(PROGRAMS)) {
      for (Path program : programs.toList()) {
        assertTrue(document.contains(Files.readString(program)), program.toString());
      }
    }
  }

  private static Process run(Map<String, String> more, String... command) throws IOException {
    assumeTrue(isInstalled(command[0]), command[0]);
    assumeTrue(!command[0].equals("php") || hasMbstring(), "the extension mbstring of PHP");
    var builder =
        new ProcessBuilder(command)
            .directory(PROGRAMS.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("SECRET", TaskEndpoint.SECRET);
    builder.environment().putAll(more);
    return builder.start();
  }

  private static boolean hasMbstring() throws IOException {
    Process php =
        new ProcessBuilder("php", "-r", "exit(extension_loaded('mbstring') ? 0 : 1);").start();
    return php.onExit().join().exitValue() == 0;
  }

  private static boolean isInstalled(String language) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, language)));
  }

  private void assertThatTheNamesAreWritten(Map<String, Object> definition) throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN name VARCHAR(20)");
    table.execute("UPDATE " + table.name() + " SET name = CONCAT('zoë ', id)");
    assertTrue(API.json(definition).put("/tasks/" + task).status() < 300);
    long batch =
        API.json(
                "{\"task\": \"%s\", \"select\": \"SELECT id, name FROM %s\", \"batchRows\": 7, \"wholeTable\": true}"
                    .formatted(task, table.name()))
            .post("/projects/" + project + "/batches")
            .statusCode(202)
            .id();
    assertEquals("succeeded", API.ended(batch).get("status").asText());
    assertEquals(
        50,
        table.number(
            "SELECT COUNT(*) FROM " + table.name() + " WHERE BINARY name = CONCAT('ZOË ', id)"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "python3 upper.py PORT",
        "node upper.mjs PORT",
        "go run upper.go PORT",
        "php -S 127.0.0.1:PORT upper.php"
      })
  void a_program_processes_calls(String command) throws Exception {
    int port = TestServer.freePort();
    Process process = run(Map.of(), command.replace("PORT", String.valueOf(port)).split(" "));
    try {
      await().atMost(PATIENCE).until(() -> listens(port));
      assertThatTheNamesAreWritten(
          Map.of("url", "http://127.0.0.1:" + port, "secret", TaskEndpoint.SECRET));
    } finally {
      end(process);
    }
  }

  @Test
  void a_program_leases_chunks() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("API", RowmillApi.localUri("/api/v1").toString());
    environment.put("TASK", task);
    environment.put("TOKEN", "none");
    API.json(Map.of()).put("/tasks/" + task).statusCode(201);
    Process process = run(environment, "python3", "pull.py");
    try {
      assertThatTheNamesAreWritten(Map.of());
    } finally {
      end(process);
    }
  }

  private void end(Process process) throws InterruptedException {
    // Go runs the program in a process of its own.
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
    API.delete("/tasks/" + task);
  }

  private static boolean listens(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
