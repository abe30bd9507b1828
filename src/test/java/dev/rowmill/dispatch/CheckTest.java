package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests batches with a check on rows. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CheckTest {

  /** Sets a number of rows for which every chunk of every lane is full. */
  private static final int ROWS = 320;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject LiveStates states;
  @Inject BatchHistory history;
  @Inject ProjectQueues queues;

  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  /** Starts a batch that adds 1 to each row, in chunks of ten. */
  private BatchView start(String check, @Nullable Integer canaryChunks, int lanes) {
    return start(
        "UPDATE " + table.name() + " SET n = n + :add",
        JsonNodeFactory.instance.objectNode().put("add", 1),
        check,
        canaryChunks,
        lanes);
  }

  private BatchView start(
      String sql, ObjectNode parameters, String check, @Nullable Integer canary, int lanes) {
    StartRequest r = request(newProject(), "sql", "none", "none");
    BatchSpec spec =
        r.spec()
            .with(BatchWork.sql(sql, null, parameters.toString()))
            .with(
                new Safeguards(
                    UndoPolicy.NO,
                    check.replace("{t}", table.name()),
                    canary == null ? 3 : canary,
                    false,
                    false,
                    Bounds.NONE,
                    null));
    return batches.start(Batches.with(r.with(spec), new SettingsChange(10, null, lanes, null)));
  }

  private BatchView look(BatchView batch) {
    return history.find(batch.id()).orElseThrow();
  }

  /** Waits until a check has paused a batch; gives why. */
  private Hold held(BatchView batch) {
    Awaitility.await("batch " + batch.id() + " to be paused")
        .atMost(Batches.PATIENCE)
        .failFast(() -> look(batch).status().isFinal())
        .until(() -> look(batch).status() == BatchStatus.PAUSED);
    Hold hold = states.of(look(batch)).hold().orElseThrow();
    assertEquals("check-failed", hold.reason());
    return hold;
  }

  @ParameterizedTest
  @CsvSource({"1,,30", "1,1,10", "4,,30", "4,7,70", "8,2,20"})
  void a_failed_check_pauses_before_the_next_chunk(
      int lanes, @Nullable Integer canaryChunks, int rows) throws SQLException {
    BatchView batch =
        start("SELECT COUNT(*) = 0 FROM {t} WHERE n > 0 AND :add = 1", canaryChunks, lanes);
    assertEquals("The check gave 0.", held(batch).detail());
    assertEquals(rows, table.rowsWith(1));
    batches.leaveNothingBehind();

    // A restart looks for what is left to do, and finds this as it is.
    queues.recover();
    assertEquals("The check gave 0.", held(batch).detail());

    assertEquals(Optional.empty(), states.of(control.resume(batch.id())).hold());
    held(batch);
    assertEquals(2L * rows, table.rowsWith(1));
    BatchView cancelled = control.cancel(batch.id(), false);
    assertEquals(BatchStatus.CANCELLED, cancelled.status());
    assertEquals(Optional.empty(), states.of(cancelled).hold());
  }

  @Test
  void a_passed_check_lets_the_batch_continue() throws SQLException {
    for (int lanes : List.of(1, 4)) {
      BatchView ended =
          batches.ended(start("SELECT COUNT(*) < 1000 FROM {t} WHERE n > 0", 2, lanes));
      assertEquals(BatchStatus.SUCCEEDED, ended.status());
    }
    assertEquals(ROWS, table.rowsWith(2));
  }

  @Test
  void a_batch_with_fewer_chunks_is_checked_at_its_end() throws SQLException {
    table.execute("DELETE FROM " + table.name() + " WHERE id > 15");
    BatchView batch = start("SELECT SUM(n) < 15 FROM {t}", 5, 1);
    held(batch);
    assertEquals(15, table.rowsWith(1));
    control.resume(batch.id());
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(start("SELECT TRUE", 5, 1)).status());
  }

  @Test
  void a_batch_is_checked_again_at_its_end() throws SQLException {
    BatchView batch = start("SELECT COUNT(*) < " + ROWS + " FROM {t} WHERE n = 1", 3, 2);
    held(batch);
    assertEquals(ROWS, table.rowsWith(1));
    control.cancel(batch.id(), false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT NULL | The check gave NULL.",
        "SELECT 0.0 | The check gave 0.0.",
        "SELECT '0' | The check gave 0.",
        "SELECT 'yes' | The check gave yes.",
        "SELECT n FROM {t} WHERE id < 0 | The check gave no row.",
        "SELECT 1 FROM {t} | The check gave more than one row.",
        "SELECT (SELECT id FROM {t}) | The check can't be evaluated: Subquery returns more than 1 row",
      })
  void a_result_other_than_one_true_value_pauses(String check, String detail) {
    BatchView batch = start(check, 1, 1);
    assertEquals(detail, held(batch).detail());
    control.cancel(batch.id(), false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 0.001",
        "SELECT -1",
        "SELECT '2'",
        "SELECT b'1'",
        "SELECT CAST(1 AS SIGNED)",
        "SELECT MAX(n) FROM {t} WHERE :project LIKE 'p%'",
      })
  void a_true_value_lets_the_batch_run(String check) {
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(start(check, 1, 1)).status());
  }

  @Test
  void a_missing_table_fails_the_check() throws SQLException {
    table.execute("CREATE TABLE " + table.name() + "x AS SELECT 0 AS one");
    BatchView batch = start("SELECT one FROM {t}x", 3, 1);
    held(batch);
    table.execute("DROP TABLE " + table.name() + "x");
    control.resume(batch.id());
    Awaitility.await().atMost(Batches.PATIENCE).until(() -> table.rowsWith(1) == 60);
    String detail = held(batch).detail();
    assertTrue(detail.startsWith("The check can't be evaluated: Table"), detail);
    control.cancel(batch.id(), false);
  }

  private Refusal refused(String check) {
    Refusal refusal = assertThrows(Refusal.class, () -> start(check, null, 1), check);
    assertEquals("check", refusal.members().get("field"));
    return refusal;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE FROM {t} | not-a-select",
        "SELECT 1 FROM {t} FOR UPDATE | locking-read",
        "SELECT 1; SELECT 2 | stacked-statements",
        "SELECT id, n FROM {t} | one-column",
        "SELECT * FROM {t} | one-column",
        "SELECT nothing FROM {t} | unknown-column",
        "SELECT nofunction(1) | foreign-function",
      })
  void an_invalid_check_is_rejected_at_the_start(String check, String reason) {
    Refusal refusal = refused(check);
    assertEquals("unsupported-statement", refusal.type());
    assertEquals(List.of(reason), refusal.reasons().stream().map(Reason::code).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT COUNT(*) FROM nowhere.item",
        "SELECT COUNT(*) FROM batch",
        "SELECT (SELECT COUNT(*) FROM Chunk_Record)",
        "SELECT COUNT(*) FROM mysql.user",
        "SELECT COUNT(*) FROM information_schema.tables",
      })
  void protected_tables_are_not_read(String check) {
    assertEquals("unknown-table", refused(check).type());
  }

  @Test
  void a_name_without_a_value_is_rejected() {
    Refusal refusal = refused("SELECT COUNT(*) < :most FROM {t}");
    assertEquals("parameter-mismatch", refusal.type());
    assertEquals(List.of("most"), refusal.members().get("missing"));
  }

  @Test
  void a_check_changes_nothing() throws SQLException {
    table.execute("DROP FUNCTION IF EXISTS rowmill_work.meddle");
    table.execute(
        "CREATE FUNCTION rowmill_work.meddle() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN"
            + " UPDATE "
            + table.name()
            + " SET n = -5; RETURN 1; END");
    Refusal refusal = refused("SELECT rowmill_work.meddle()");
    assertEquals(
        List.of("foreign-function"), refusal.reasons().stream().map(Reason::code).toList());
    assertEquals(0, table.rowsWith(-5));
  }
}
