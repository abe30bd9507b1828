package dev.rowmill.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the files of a directory run once each, in their order. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ApplyTest {

  private static final RowmillApi API = RowmillApi.local();

  @RegisterExtension final WorkTable table = WorkTable.ofRows(1_000);

  @TempDir Path folder;

  private final Shell shell = new Shell(RowmillApi.localUri("/"));
  private String project = "";

  @BeforeEach
  void nameProject(TestInfo test) {
    project =
        "apply-" + test.getTestMethod().orElseThrow().getName().length() + table.name().hashCode();
  }

  @AfterEach
  void cancel() {
    API.cancelAll(project);
  }

  @Test
  void each_file_runs_once_in_the_order_of_the_numbers() throws Exception {
    change("2_double.yaml", "SET n = n * 2");
    change("10_add.yaml", "SET n = n + 5");
    change("001_three.yaml", "SET n = 3");
    assertTrue(apply().exits(0).err().contains("3 applied."));
    assertEquals(1_000, table.rowsWith(11));

    assertTrue(apply().exits(0).err().contains("Nothing to do"));
    assertEquals(1_000, table.rowsWith(11));

    change("011_ten.yaml", "SET n = 10");
    // Comments and format are no part of the content.
    Files.writeString(
        folder.resolve("001_three.yaml"),
        "# Reviewed.\n" + Files.readString(folder.resolve("001_three.yaml")));
    assertTrue(apply().exits(0).err().contains("1 applied."));
    assertEquals(1_000, table.rowsWith(10));
  }

  @Test
  void a_dry_run_prints_plans_and_changes_nothing() throws Exception {
    change("1_three.yaml", "SET n = 3");
    Shell.Result planned = shell.run("apply", folder.toString(), "--dry-run").exits(0);
    assertTrue(planned.out().contains("to change  1,000 rows"), planned.out());
    assertTrue(planned.err().contains("1 would run."), planned.err());
    assertEquals(1_000, table.rowsWith(0));
    apply().exits(0);
    assertEquals(1_000, table.rowsWith(3));
  }

  @Test
  void a_refusal_names_the_file() throws Exception {
    change("7_wrong.yaml", "SET nothing = 3");
    for (String option : List.of("--dry-run", "--timeout=1m")) {
      String error = shell.run("apply", folder.toString(), option).exits(2).err();
      assertTrue(error.contains("7_wrong.yaml: "), error);
    }
  }

  @Test
  void a_failing_file_stops_the_rest_and_continues_when_its_cause_is_gone() throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD CONSTRAINT small CHECK (n < 600)");
    change("1_ids.yaml", "SET n = id");
    change("2_more.yaml", "SET n = n + 1000");
    Shell.Result failed = apply().exits(3);
    assertTrue(failed.out().contains("1_ids.yaml"), failed.out());
    assertEquals(0, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE n > 1000"));
    long batch =
        API.get("/projects/" + project + "/batches?limit=1")
            .body()
            .path("items")
            .path(0)
            .path("id")
            .asLong();
    Shell.Result planned = shell.run("apply", folder.toString(), "--dry-run").exits(0);
    assertTrue(planned.err().contains("1_ids.yaml: continues at its checkpoint"), planned.err());

    table.execute("ALTER TABLE " + table.name() + " DROP CONSTRAINT small");
    apply().exits(0);
    assertEquals(
        1_000, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE n = id + 1000"));
    // The failed batch has continued at its checkpoint.
    assertEquals("succeeded", API.batch(batch).path("status").asText());
  }

  @Test
  void a_corrected_file_that_failed_starts_anew() throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD CONSTRAINT small CHECK (n < 600)");
    change("1_ids.yaml", "SET n = id");
    apply().exits(3);
    change("1_ids.yaml", "SET n = id DIV 2");
    // Rows that the first content has changed must not be changed by the second one as well.
    assertTrue(apply().exits(2).err().contains("rowmill undo"));
    String failed = API.get("/projects/" + project + "/batches?limit=1").path("items[0].id") + "";
    shell.run("undo", failed, "--wait").exits(0);
    assertEquals(1_000, table.rowsWith(0));
    apply().exits(0);
    assertEquals(
        1_000, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE n = id DIV 2"));
  }

  @Test
  void a_file_that_was_applied_must_not_change() throws Exception {
    change("1_three.yaml", "SET n = 3");
    apply().exits(0);
    change("1_three.yaml", "SET n = 4");
    change("2_five.yaml", "SET n = 5");
    Shell.Result refused = apply().exits(2);
    assertTrue(refused.err().contains("1_three.yaml has changed since"), refused.err());
    assertEquals(1_000, table.rowsWith(3));
  }

  @Test
  void a_renamed_file_does_not_run_again_but_two_files_may_be_alike() throws Exception {
    change("1_more.yaml", "SET n = n + 1");
    apply().exits(0);
    Files.move(folder.resolve("1_more.yaml"), folder.resolve("1_other.yaml"));
    assertTrue(apply().exits(2).err().contains("Restore the name"));
    assertEquals(1_000, table.rowsWith(1));
    Files.move(folder.resolve("1_other.yaml"), folder.resolve("1_more.yaml"));
    change("2_more.yaml", "SET n = n + 1");
    apply().exits(0);
    assertEquals(1_000, table.rowsWith(2));
  }

  @Test
  void a_retry_of_skipped_rows_is_not_taken_for_the_change() throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD CONSTRAINT small CHECK (n < 995)");
    Files.writeString(
        folder.resolve("1_ids.yaml"),
        """
        project: %s
        sql: UPDATE %s SET n = n + id WHERE id > 0
        onError: {mode: skip, maxSkipped: 10}
        """
            .formatted(project, table.name()));
    apply().exits(0);
    long batch = API.get("/projects/" + project + "/batches?limit=1").<Integer>path("items[0].id");
    long retry =
        API.json(Map.of("onError", Map.of("mode", "fail")))
            .post("/batches/" + batch + "/skipped/retry")
            .statusCode(202)
            .id();
    assertEquals("failed", API.ended(retry).path("status").asText());
    assertTrue(apply().exits(0).err().contains("already applied"));
  }

  @Test
  void a_wrong_directory_is_refused_before_anything_runs() throws Exception {
    assertTrue(apply().exits(2).err().contains("contains no change"));
    change("1_three.yaml", "SET n = 3");
    change("01_four.yaml", "SET n = 4");
    assertTrue(apply().exits(2).err().contains("same number"));
    Files.delete(folder.resolve("01_four.yaml"));
    Files.writeString(folder.resolve("later.yaml"), "sql: x\n");
    assertTrue(apply().exits(2).err().contains("has no number"));
    Files.delete(folder.resolve("later.yaml"));
    Files.writeString(folder.resolve("2_none.yaml"), "sql: x\n");
    assertTrue(apply().exits(2).err().contains("names no project"));
    Files.writeString(folder.resolve("2_none.yaml"), "sql: [\n");
    assertTrue(apply().exits(2).err().contains("2_none.yaml, line"));
    assertEquals(1_000, table.rowsWith(0));
    assertTrue(shell.run("apply", "missing").exits(2).err().contains("missing"));
  }

  @Test
  void two_pipelines_at_once_start_one_batch() throws Exception {
    change("1_more.yaml", "SET n = n + 1");
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      List<Future<Shell.Result>> both = List.of(two.submit(this::apply), two.submit(this::apply));
      for (Future<Shell.Result> one : both) {
        one.get().exits(0);
      }
    } finally {
      two.shutdown();
    }
    assertEquals(1_000, table.rowsWith(1));
  }

  private Shell.Result apply() {
    return shell.run("apply", folder.toString());
  }

  private void change(String name, String set) throws IOException {
    Files.writeString(
        folder.resolve(name),
        """
        project: %s
        sql: UPDATE %s %s WHERE id > 0
        chunk: {rows: 100}
        """
            .formatted(project, table.name(), set));
  }
}
