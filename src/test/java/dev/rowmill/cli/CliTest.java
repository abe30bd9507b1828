package dev.rowmill.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests the commands that plan, start, watch and control batches. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CliTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final String PROJECT = "command-line";

  @RegisterExtension final WorkTable table = WorkTable.ofRows(2_000);

  @TempDir Path folder;

  private final Shell shell = new Shell(RowmillApi.localUri("/"));

  @AfterEach
  void cancel() {
    API.cancelAll(PROJECT);
  }

  @Test
  void a_change_is_planned_started_awaited_and_undone() throws Exception {
    String sql = "UPDATE " + table.name() + " SET n = :n WHERE id <= 1500";
    Shell.Result planned = shell.run("plan", PROJECT, sql, "-p", "n=7", "-o", "json").exits(0);
    JsonNode plan = json(planned);
    assertEquals(1500, plan.path("rowsMatching").path("rows").asLong());
    assertEquals(0, table.rowsWith(7));

    Shell.Result started =
        shell
            .run("start", PROJECT, "--plan", plan.path("id").asText(), "--wait", "-o", "json")
            .exits(0);
    JsonNode batch = json(started);
    assertEquals("succeeded", batch.path("status").asText());
    assertEquals(1500, table.rowsWith(7));
    String id = batch.path("id").asText();
    assertTrue(shell.run("wait", id).exits(0).out().contains("1,500 rows changed"));
    assertTrue(shell.run("watch", id).exits(0).out().contains("succeeded"));
    assertTrue(shell.run("show", id).exits(0).out().contains("status     succeeded"));
    assertTrue(shell.run("list", "--project", PROJECT).exits(0).out().contains(id));

    Path file = folder.resolve("changes.csv");
    shell.run("changes", id, "--to", file.toString()).exits(0);
    assertEquals(1501, Files.readAllLines(file).size());

    shell.run("changes", "987654321", "--to", file.toString()).exits(2);
    assertEquals(1501, Files.readAllLines(file).size());

    shell.run("undo", id, "--wait").exits(0);
    assertEquals(0, table.rowsWith(7));
  }

  @Test
  void a_file_has_the_body_of_a_start_with_comments() throws Exception {
    Path file =
        write(
            "raise.yaml",
            """
            # Raises n, gently.
            project: %s
            sql: >
              UPDATE %s SET n = :n
              WHERE id <= 10
            parameters: {n: 8}
            limits:
              rowsPerSecond: 100000   # of one batch
            """
                .formatted(PROJECT, table.name()));
    JsonNode batch =
        json(
            shell
                .run(
                    "start",
                    "-f",
                    file.toString(),
                    "-p",
                    "n=9",
                    "--label",
                    "ticket=OPS-7",
                    "--set",
                    "chunk.rows=10",
                    "--reason",
                    "a test",
                    "--wait",
                    "-o",
                    "json")
                .exits(0));
    assertEquals(10, table.rowsWith(9));
    assertEquals(100_000, batch.path("limits").path("rowsPerSecond").asInt());
    assertEquals(10, batch.path("chunk").path("rows").asInt());
    assertEquals("OPS-7", batch.path("labels").path("ticket").asText());
    assertEquals("a test", batch.path("reason").asText());
    assertTrue(
        shell.run("list", "-l", "ticket=OPS-7").exits(0).out().contains(batch.path("id").asText()));
  }

  @Test
  void what_is_wrong_is_said_and_changes_nothing() throws Exception {
    Shell.Result bad = shell.run("start", PROJECT, "DELETE FROM nothing.here").exits(2);
    assertTrue(bad.err().startsWith("rowmill: 4"), bad.err());
    assertTrue(
        shell.run("start", PROJECT, "UPDATE " + table.name() + " SET x").exits(2).err().length()
            > 0);
    assertTrue(shell.run("show", "987654321").exits(2).err().contains("404"));
    assertTrue(shell.run("start").exits(2).err().contains("Name the project"));
    assertTrue(shell.run("start", PROJECT, "--frob").exits(2).err().contains("--frob"));
    assertTrue(shell.run("frob").exits(2).err().contains("frob"));
    assertTrue(shell.run("wait", "x").exits(2).err().contains("'x'"));
    assertTrue(shell.run("wait", "1", "--timeout", "soon").exits(2).err().contains("soon"));
    String broken = write("broken.yaml", "sql: a\nsql: b\n").toString();
    assertTrue(shell.run("start", PROJECT, "-f", broken).exits(2).err().contains("line 2"));
    String list = write("list.yaml", "- sql\n").toString();
    assertTrue(shell.run("start", PROJECT, "-f", list).exits(2).err().contains("body of a start"));
    String other = write("other.yaml", "project: other\nsql: a\n").toString();
    assertTrue(shell.run("start", PROJECT, "-f", other).exits(2).err().contains("other"));
    for (String surprise :
        new String[] {"parameters: {zip: 00501}", "n: 1_000", "a: &x 5\nb: *x", "<<: {a: 1}"}) {
      String file = write("surprise.yaml", surprise + "\n").toString();
      Shell.Result refused = shell.run("start", PROJECT, "-f", file).exits(2);
      assertTrue(refused.err().contains("surprise.yaml, line "), refused.err());
    }
    assertTrue(shell.run("start", PROJECT, "-f", "missing.yaml").exits(2).err().contains("read"));
    assertEquals(2_000, table.rowsWith(0));
  }

  @Test
  void exit_codes_tell_how_a_batch_has_ended() throws Exception {
    assertEquals(1, new Shell(URI.create("http://127.0.0.1:1")).run("list").exitCode());
    assertEquals(2, new Shell(URI.create("ftp://127.0.0.1")).run("list").exitCode());
    String slow = "limits.rowsPerSecond=20";
    String sql = "UPDATE " + table.name() + " SET n = 1 WHERE id > 0";
    String id =
        json(shell
                .run("start", PROJECT, sql, "-s", slow, "-s", "chunk.rows=10", "-o", "json")
                .exits(0))
            .path("id")
            .asText();
    shell.run("wait", id, "--timeout", "1s").exits(5);
    Shell.Result second = shell.run("start", PROJECT, sql).exits(2);
    assertTrue(second.err().contains("try again later"), second.err());
    shell.run("pause", id).exits(0);
    Awaitility.await()
        .until(() -> API.batch(Long.parseLong(id)).path("status").asText().equals("paused"));
    shell.run("resume", id).exits(0);
    shell.run("cancel", id, "--force").exits(0);
    shell.run("wait", id).exits(3);
    shell.run("watch", id).exits(3);
  }

  @Test
  void the_help_names_all_commands_and_exit_codes() {
    String help = Shell.alone("--help").exits(0).out();
    for (String command : new String[] {"serve", "demo", "plan", "start", "apply", "token"}) {
      assertTrue(help.contains("  " + command), help);
    }
    assertTrue(help.contains("  5  the awaited batch has not ended"), help);
    assertTrue(Shell.alone("start", "--help").exits(0).out().contains("--idempotency-key"));
    assertTrue(Shell.alone("help", "schedule", "put").exits(0).out().contains("--file"));
    String version = Shell.alone("--version").exits(0).out();
    assertTrue(version.startsWith("rowmill "), version);
    assertFalse(version.contains("{"), version);
    assertTrue(Shell.alone("completion").exits(0).out().contains("complete -F"));
  }

  @Test
  void the_manual_page_is_one_that_man_can_read() throws Exception {
    String page = Shell.alone("man").exits(0).out();
    assertTrue(page.startsWith(".TH ROWMILL 1\n"), page);
    assertTrue(page.contains(".SS rowmill start "), page);
    // Each request of roff that the page uses.
    page.lines()
        .filter(line -> line.startsWith("."))
        .forEach(line -> assertTrue(line.matches("\\.(TH|SH|SS|TP|B)( .*)?"), line));
  }

  @Test
  void schedules_are_stored_from_files_and_controlled() throws Exception {
    Path file =
        write(
            "nightly.yaml",
            """
            project: %s
            cron: "30 2 * * *"   # at night
            zone: Europe/Berlin
            sql: UPDATE %s SET n = 2 WHERE id < 5
            """
                .formatted(PROJECT, table.name()));
    shell.run("schedule", "put", "nightly-cli", "-f", file.toString()).exits(0);
    try {
      assertTrue(shell.run("schedule", "list").exits(0).out().contains("30 2 * * *"));
      assertTrue(shell.run("schedule", "show", "nightly-cli").exits(0).out().contains("Berlin"));
      assertTrue(shell.run("schedule", "pause", "nightly-cli").exits(0).out().contains("paused"));
      shell.run("schedule", "resume", "nightly-cli").exits(0);
      shell.run("schedule", "run", "nightly-cli").exits(0);
      assertTrue(shell.run("schedule", "runs", "nightly-cli").exits(0).out().contains("batch"));
    } finally {
      shell.run("schedule", "delete", "nightly-cli").exits(0);
    }
    shell.run("schedule", "show", "nightly-cli").exits(2);
  }

  @Test
  void tokens_are_created_listed_and_revoked() throws Exception {
    JsonNode token =
        json(
            shell
                .run(
                    "token",
                    "create",
                    "cli-test",
                    "--role",
                    "operator",
                    "--project",
                    "shop-*",
                    "--days",
                    "1",
                    "-o",
                    "json")
                .exits(0));
    assertTrue(shell.run("token", "list").exits(0).out().contains("shop-*"));
    shell.run("token", "revoke", token.path("details").path("id").asText()).exits(0);
    shell.run("token", "create", "cli-test", "--role", "king").exits(2);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static JsonNode json(Shell.Result result) throws JsonProcessingException {
    return new ObjectMapper().readTree(result.out());
  }
}
