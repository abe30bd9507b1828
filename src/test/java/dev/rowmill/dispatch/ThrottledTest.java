package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.BusySessions;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests throttle limits on running batches. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ThrottledTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 1000;

  /** Slows the batch down, so that the crowd is noticed before the end. */
  private static final String SLOW_UNTIL_SEEN = "{\"threadsRunning\": 6, \"rowsPerSecond\": 50}";

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject LiveStates states;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private static ObjectNode limits(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private BatchView start(WorkTable table, int lanes, String limits) {
    StartRequest r = request(newProject(), "faulty", "table", table.name());
    return batches.start(Batches.with(r, new SettingsChange(10, null, lanes, limits(limits))));
  }

  private void awaitHold(BatchView batch, String reason) {
    Awaitility.await("hold by " + reason)
        .atMost(Batches.PATIENCE)
        .until(() -> states.of(batch).hold().map(Hold::reason).filter(reason::equals).isPresent());
  }

  @Test
  void a_busy_server_holds_a_batch_until_it_is_idle() throws Exception {
    WorkTable table = WorkTable.create(database, ROWS);
    BatchView batch;
    try (BusySessions others = new BusySessions(database, 8)) {
      batch = start(table, 2, SLOW_UNTIL_SEEN);
      awaitHold(batch, "threads-running");
      assertTrue(states.of(batch).hold().orElseThrow().detail().contains("6"));
      control.change(
          batch.id(), new SettingsChange(null, null, null, limits("{\"rowsPerSecond\": 0}")));
    }
    BatchView ended = batches.ended(batch);
    assertEquals(BatchStatus.SUCCEEDED, ended.status());
    assertEquals(ROWS, table.rowsWith(1));
    assertTrue(ended.waits().get("threads-running") > 0, ended::toString);
    assertTrue(states.of(ended).hold().isEmpty());
  }

  @Test
  void a_limit_is_changed_and_ignored_while_it_holds_a_batch() throws Exception {
    WorkTable table = WorkTable.create(database, ROWS);
    try (BusySessions others = new BusySessions(database, 8)) {
      BatchView batch = start(table, 1, SLOW_UNTIL_SEEN);
      awaitHold(batch, "threads-running");
      control.change(
          batch.id(),
          new SettingsChange(
              null, null, null, limits("{\"threadsRunning\": 50, \"rowsPerSecond\": 0}")));
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());

      BatchView other = start(table, 1, SLOW_UNTIL_SEEN);
      awaitHold(other, "threads-running");
      control.change(
          other.id(), new SettingsChange(null, null, null, limits("{\"ignoreThrottle\": true}")));
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(other).status());

      BatchView third = start(table, 1, SLOW_UNTIL_SEEN);
      awaitHold(third, "threads-running");
      control.cancel(third.id(), false);
      assertEquals(BatchStatus.CANCELLED, batches.ended(third).status());
    }
  }

  @Test
  void a_critical_load_fails_a_batch() throws Exception {
    WorkTable table = WorkTable.create(database, ROWS);
    try (BusySessions others = new BusySessions(database, 8)) {
      BatchView ended =
          batches.ended(
              start(
                  table,
                  1,
                  "{\"threadsRunning\": 5, \"threadsRunningCritical\": 6, \"rowsPerSecond\": 50}"));
      assertEquals(BatchStatus.FAILED, ended.status());
      assertEquals("server-overloaded", ended.error().type());
      assertEquals("threads-running", ended.error().members().get("reason"));
      assertEquals(ended.progress().rowsChanged(), table.rowsWith(1));
    }
  }

  @Test
  void a_nice_batch_pauses_after_each_chunk() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    BatchView ended = batches.ended(start(table, 1, "{\"nice\": 2}"));
    assertEquals(ROWS, table.rowsWith(1));
    assertTrue(ended.waits().get("nice") > 0, ended::toString);
  }

  @Test
  void the_row_rate_applies_to_all_lanes_together() throws Exception {
    WorkTable table = WorkTable.create(database, ROWS);
    long started = System.nanoTime();
    BatchView ended = batches.ended(start(table, 4, "{\"rowsPerSecond\": 500}"));
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(ROWS, table.rowsWith(1));
    // On any machine, the rate is not exceeded, except for the initial burst that it allows.
    assertTrue(seconds > 1, () -> "took " + seconds + " s");
    assertTrue(ended.waits().get("rows-per-second") > 0, ended::toString);
  }
}
