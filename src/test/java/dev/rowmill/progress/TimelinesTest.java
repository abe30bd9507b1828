package dev.rowmill.progress;

import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class TimelinesTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = 2000;

  /** Holds an id that no batch has; each test uses its own. */
  private static final long UNKNOWN = 4_000_000_000L;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject ControlTransactions transactions;
  @Inject TimelineRows rows;
  @Inject RunRecords records;
  @Inject BatchHistory history;

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @AfterEach
  void nothingIsLeftBehind() {
    transactions.sql(
        connection ->
            connection.createStatement().executeUpdate("DELETE FROM timeline WHERE batch >= 4e9"));
    batches.leaveNothingBehind();
  }

  private static StoredTimeline done(long rows) {
    return new StoredTimeline(
        0, 0, 250, List.of(new StoredTimeline.Step(rows, 0, 1, 1, 0, 1, Map.of(), Map.of())));
  }

  private void write(long batch, long chunks, StoredTimeline timeline) {
    transactions.sql(
        connection -> {
          rows.write(connection, batch, chunks, timeline);
          return true;
        });
  }

  private long stored(long batch) {
    return transactions
        .read(connection -> rows.find(connection, batch))
        .map(it -> it.steps().get(0).r())
        .orElse(-1L);
  }

  @Test
  void a_frozen_node_does_not_overwrite_newer_data() {
    write(UNKNOWN, 7, done(70));
    write(UNKNOWN, 6, done(60));
    assertEquals(70, stored(UNKNOWN));
    write(UNKNOWN, 7, done(71));
    assertEquals(71, stored(UNKNOWN));
    write(UNKNOWN, 8, done(80));
    assertEquals(80, stored(UNKNOWN));
  }

  @Test
  void timelines_are_deleted_after_their_retention() {
    for (int day : List.of(29, 31)) {
      long batch = UNKNOWN + day;
      write(batch, 1, done(1));
      transactions.sql(
          connection ->
              connection
                  .createStatement()
                  .executeUpdate(
                      "UPDATE timeline SET written_at = UTC_TIMESTAMP(3) - INTERVAL "
                          + day
                          + " DAY WHERE batch = "
                          + batch));
    }
    Awaitility.await("the old one to be deleted")
        .atMost(Batches.PATIENCE)
        .until(() -> stored(UNKNOWN + 31) == -1);
    assertEquals(1, stored(UNKNOWN + 29));
  }

  private static JsonNode course(BatchView batch) {
    return API.get("/batches/" + batch.id() + "/timeline").statusCode(200).body();
  }

  private static long sum(JsonNode course, String member) {
    long sum = 0;
    for (JsonNode step : course.path("items")) {
      sum += step.path(member).asLong();
    }
    return sum;
  }

  private BatchView now(BatchView batch) {
    return history.find(batch.id()).orElseThrow();
  }

  private boolean isKeptHere(BatchView batch) {
    return records.find(batch.id()).isPresent();
  }

  @Test
  void a_batch_that_is_paused_and_resumed_has_one_timeline() throws Exception {
    WorkTable table = WorkTable.create(database, ROWS);
    ObjectNode limits = JsonNodeFactory.instance.objectNode().put("rowsPerSecond", 100);
    BatchView batch =
        batches.start(
            Batches.with(
                request(Batches.newProject(), "faulty", "table", table.name()),
                new SettingsChange(10, null, 1, limits)));
    Awaitility.await("more than a second")
        .atMost(Batches.PATIENCE)
        .until(() -> course(batch).path("items").size() > 5);
    control.pause(batch.id());
    Awaitility.await("it to be paused")
        .atMost(Batches.PATIENCE)
        .until(() -> now(batch).status() == BatchStatus.PAUSED);
    Awaitility.await("it to be stored").atMost(Batches.PATIENCE).until(() -> !isKeptHere(batch));
    JsonNode first = course(batch);
    assertEquals(now(batch).progress().chunks(), sum(first, "chunks"));

    control.change(
        batch.id(),
        new SettingsChange(
            null, null, null, JsonNodeFactory.instance.objectNode().put("rowsPerSecond", 0)));
    control.resume(batch.id());
    batches.ended(batch);
    JsonNode atTheEnd = course(batch);
    assertEquals(ROWS / 10, sum(atTheEnd, "chunks"));
    assertEquals(first.at("/items/0"), atTheEnd.at("/items/0"));
    Awaitility.await("it to be stored").atMost(Batches.PATIENCE).until(() -> !isKeptHere(batch));
    assertEquals(atTheEnd, course(batch));
  }
}
