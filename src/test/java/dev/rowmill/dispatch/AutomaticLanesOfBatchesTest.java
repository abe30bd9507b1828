package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.dispatch.pool.PoolConfig;
import dev.rowmill.progress.RunRecords;
import dev.rowmill.progress.Speed;
import dev.rowmill.progress.TimelineView;
import dev.rowmill.progress.Timelines;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.BusySessions;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests batches whose number of lanes the engine chooses. A trigger sleeps for each row, so lanes
 * make a batch faster on a machine without a free core.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AutomaticLanesOfBatchesTest {

  private static final int ROWS = 10_000;

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject LiveStates states;
  @Inject PoolStatus pools;
  @Inject PoolConfig pool;
  @Inject Timelines timelines;
  @Inject RunRecords records;

  private WorkTable table;

  @BeforeEach
  void createTable() throws SQLException {
    table = WorkTable.create(database, ROWS);
    table.execute(
        "CREATE TRIGGER "
            + table.name()
            + "_slow BEFORE UPDATE ON "
            + table.name()
            + " FOR EACH ROW SET NEW.n = NEW.n + SLEEP(0.001)");
  }

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private BatchView start(String sql) {
    var r = request(newProject(), "sql", "none", "none");
    var sized =
        Batches.with(
            r.with(r.spec().with(BatchWork.sql(sql, null, "{}")).with(Safeguards.NONE)),
            new SettingsChange(10, null, BatchSettings.AUTOMATIC, null));
    return batches.start(sized);
  }

  private BatchView start() {
    return start("UPDATE " + table.name() + " SET n = n + 1");
  }

  private int lanes(BatchView batch) {
    return states.of(batch).speed().map(Speed::lanes).orElse(0);
  }

  private void awaitLanes(BatchView batch, int least) {
    Awaitility.await(least + " lanes").atMost(Batches.PATIENCE).until(() -> lanes(batch) >= least);
  }

  private void awaitOneWorker(BatchView batch) {
    Awaitility.await("one worker")
        .atMost(Batches.PATIENCE)
        .until(
            () ->
                pools.pool().threads().stream()
                        .filter(it -> Long.valueOf(batch.id()).equals(it.batch()))
                        .count()
                    == 1);
  }

  private List<String> reasons(BatchView batch) {
    return timelines.timeline(batch.id()).items().stream()
        .flatMap(step -> step.laneChanges().stream())
        .map(TimelineView.LaneChange::reason)
        .distinct()
        .toList();
  }

  private void change(BatchView batch, int lanes) {
    control.change(batch.id(), new SettingsChange(null, null, lanes, null));
  }

  private static ObjectNode rate(int rowsPerSecond) {
    return new ObjectMapper().createObjectNode().put("rowsPerSecond", rowsPerSecond);
  }

  private void succeeds(BatchView batch) throws SQLException {
    BatchView ended = batches.ended(batch);
    assertEquals(BatchStatus.SUCCEEDED, ended.status());
    assertEquals(ROWS, ended.progress().rowsChanged());
    assertEquals(ROWS, table.rowsWith(1));
  }

  private long lanesOf(BatchView batch) throws SQLException {
    return table.number("SELECT COUNT(*) FROM lane WHERE batch = " + batch.id());
  }

  @Test
  void lanes_are_added_while_they_make_the_batch_faster() throws SQLException {
    BatchView batch = start();
    awaitLanes(batch, 3);
    succeeds(batch);
    assertTrue(lanesOf(batch) >= 3, "lanes: " + lanesOf(batch));
    assertTrue(reasons(batch).contains("trial"), () -> "" + reasons(batch));
  }

  @Test
  void values_of_a_unique_key_are_changed_in_the_order_of_the_rows() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = id");
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE KEY by_place (n)");
    BatchView batch = start("UPDATE " + table.name() + " SET n = n - 1 WHERE id <= 2000");
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(2000, table.number("SELECT SUM(n = id - 1) FROM " + table.name()));
    assertEquals(1, lanesOf(batch));
  }

  @Test
  void rows_that_refer_to_others_are_deleted_in_their_order() throws SQLException {
    refer(table.name(), "LEAST(id + 1, " + ROWS + ")");
    selfReference(table.name(), "DELETE");
    BatchView batch = start("DELETE FROM " + table.name() + " WHERE id <= 3000");
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(1, lanesOf(batch));
  }

  @Test
  void rows_that_refer_to_others_are_inserted_in_their_order() throws SQLException {
    refer(table.name(), "GREATEST(id - 1, 1)");
    String copy = table.name() + "_tree";
    table.execute("CREATE TABLE " + copy + " LIKE " + table.name());
    selfReference(copy, "INSERT");
    BatchView batch =
        start("INSERT INTO %s SELECT id, n FROM %s WHERE id <= 3000".formatted(copy, table.name()));
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(1, lanesOf(batch));
  }

  /** Lets each row contain the key of another. */
  private void refer(String name, String key) throws SQLException {
    table.execute("DROP TRIGGER " + name + "_slow");
    table.execute("ALTER TABLE " + name + " MODIFY n BIGINT NOT NULL");
    table.execute("UPDATE " + name + " SET n = " + key);
  }

  /** Adds a foreign key to the same table, and slows down what it is to order. */
  private void selfReference(String name, String change) throws SQLException {
    table.execute("ALTER TABLE %1$s ADD FOREIGN KEY (n) REFERENCES %1$s (id)".formatted(name));
    table.execute(
        "CREATE TRIGGER %1$s_slow BEFORE %2$s ON %1$s FOR EACH ROW SET @slept = SLEEP(0.001)"
            .formatted(name, change));
  }

  @Test
  void a_throttle_leaves_one_lane_at_once() throws SQLException {
    BatchView batch = start();
    awaitLanes(batch, 2);
    control.change(batch.id(), new SettingsChange(null, null, null, rate(100)));
    Awaitility.await("one lane").atMost(Batches.PATIENCE).until(() -> lanes(batch) == 1);
    awaitOneWorker(batch);
    assertTrue(reasons(batch).contains("rows-per-second"), () -> "" + reasons(batch));
    control.change(batch.id(), new SettingsChange(null, null, null, rate(0)));
    awaitLanes(batch, 2);
    succeeds(batch);
  }

  @Test
  void statements_of_others_leave_one_lane() throws Exception {
    BatchView batch = start();
    awaitLanes(batch, 2);
    try (BusySessions others = new BusySessions(database, 8)) {
      Awaitility.await("one lane")
          .atMost(Batches.PATIENCE)
          .until(() -> lanes(batch) == 1 && reasons(batch).contains("server-busy"));
      awaitOneWorker(batch);
    }
    awaitLanes(batch, 2);
    succeeds(batch);
  }

  @Test
  void waiting_batches_get_the_threads_of_further_lanes() throws SQLException {
    BatchView batch = start();
    awaitLanes(batch, 2);
    String gate = newProject();
    List<BatchView> others = new ArrayList<>();
    for (int i = 0; i < pool.size(); i++) {
      others.add(batches.start(request(newProject(), "gate", "gate", gate)));
    }
    awaitOneWorker(batch);
    assertEquals(1, lanes(batch));
    assertTrue(reasons(batch).contains("pool-busy"), () -> "" + reasons(batch));
    GateTask.open(gate);
    others.forEach(batches::ended);
    awaitLanes(batch, 2);
    succeeds(batch);
  }

  @Test
  void the_number_changes_between_a_fixed_and_an_automatic_one() throws SQLException {
    BatchView batch = start();
    awaitLanes(batch, 2);
    change(batch, 1);
    awaitOneWorker(batch);
    change(batch, 5);
    awaitLanes(batch, 5);
    change(batch, BatchSettings.AUTOMATIC);
    Awaitility.await("fewer lanes").atMost(Batches.PATIENCE).until(() -> lanes(batch) < 5);
    awaitLanes(batch, 2);
    succeeds(batch);
    assertTrue(reasons(batch).contains("requested"), () -> "" + reasons(batch));
  }

  @Test
  void work_that_depends_on_its_order_stays_in_one_lane() throws SQLException {
    String copy = table.name() + "_copy";
    table.execute("CREATE TABLE " + copy + " LIKE " + table.name());
    table.execute(
        "CREATE TRIGGER "
            + copy
            + " BEFORE INSERT ON "
            + copy
            + " FOR EACH ROW SET NEW.n = SLEEP(0.0002)");
    BatchView batch =
        start(
            "INSERT INTO %s SELECT id, n FROM %s WHERE id > 0 ON DUPLICATE KEY UPDATE n = 1"
                .formatted(copy, table.name()));
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(1, lanesOf(batch));
    assertTrue(reasons(batch).contains("nothing-to-share"), () -> "" + reasons(batch));
  }

  @Test
  void a_batch_that_pauses_with_several_lanes_resumes_with_one() throws SQLException {
    BatchView batch = start();
    awaitLanes(batch, 2);
    control.pause(batch.id());
    Awaitility.await("pause")
        .atMost(Batches.PATIENCE)
        .until(
            () ->
                table.number("SELECT status = 'PAUSED' FROM batch WHERE id = " + batch.id()) == 1);
    control.resume(batch.id());
    succeeds(batch);
  }

  @Test
  void an_ended_batch_has_no_lanes_while_its_run_is_still_known() {
    BatchView ended = batches.ended(start("DELETE FROM " + table.name() + " WHERE n < 0"));
    records.begins(ended);
    try {
      assertEquals(0, lanes(ended));
    } finally {
      records.ends(ended, null);
    }
  }
}
