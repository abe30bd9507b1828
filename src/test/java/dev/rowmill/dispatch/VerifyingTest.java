package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.ChunkRanges;
import dev.rowmill.task.Chunk;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a batch succeeds only after its records are verified. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class VerifyingTest {

  private static final int ROWS = 500;

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject StartChecks checks;
  @Inject BatchHistory history;
  @Inject ChunkRanges ranges;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private static StartRequest of(String project, @Nullable String sql, WorkTable table, int lanes) {
    StartRequest r = request(project, "faulty", "table", table.name());
    BatchSpec spec = sql == null ? r.spec() : r.spec().with(BatchWork.sql(sql, null, "{}"));
    return Batches.with(r.with(spec), new SettingsChange(10, null, lanes, null));
  }

  private List<ChunkRange> all(BatchView batch) {
    List<ChunkRange> all = new ArrayList<>();
    Long after = 0L;
    while (after != null) {
      Page<ChunkRange> page = ranges.list(batch.id(), after, 7);
      all.addAll(page.items());
      after = page.next();
    }
    return all;
  }

  /** Follows the ranges from the very start; gives how many follow one another. */
  private static int chained(List<ChunkRange> all) {
    Map<@Nullable String, ChunkRange> byFrom = new HashMap<>();
    all.forEach(range -> byFrom.put(range.from(), range));
    int count = 0;
    for (ChunkRange at = byFrom.get(null); at != null; at = byFrom.get(at.to())) {
      count++;
    }
    return count;
  }

  @Test
  void randomly_split_lanes_have_ranges_without_gap_or_overlap() throws SQLException {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int lanes = 1; lanes <= 8; lanes++) {
      WorkTable table = WorkTable.create(database, ROWS);
      if (random.nextBoolean()) {
        // Most of the key's range has no rows, so that one lane is split repeatedly.
        table.execute("INSERT INTO " + table.name() + " VALUES (9000000000000000000, 0)");
      }
      String sql = "UPDATE " + table.name() + " SET n = n + 1";
      BatchView ended = batches.ended(batches.start(of(newProject(), sql, table, lanes)));
      String seen = "seed " + seed + ": " + ended;
      assertEquals(BatchStatus.SUCCEEDED, ended.status(), seen);
      List<ChunkRange> all = all(ended);
      assertEquals(all.size(), chained(all), () -> seen + all);
      assertEquals(
          ended.progress().rowsChanged(),
          all.stream().mapToLong(ChunkRange::rowsChanged).sum(),
          seen);
      assertEquals(
          ended.progress().rowsScanned(),
          all.stream().mapToLong(ChunkRange::rowsScanned).sum(),
          seen);
    }
  }

  /** Stores the record of a chunk in its transaction, of the lane that is at its begin. */
  private static void record(Connection connection, String project, Chunk chunk)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO chunk_record (batch, lane, after_cursor, upto_cursor,"
                + " rows_scanned, rows_changed, image_rows, image_bytes, image)"
                + " SELECT l.batch, l.lane, ?, ?, ?, ?, 0, 0, '' FROM lane l"
                + " JOIN batch b ON b.id = l.batch WHERE b.project = ?"
                + " AND l.after_cursor <=> ? AND NOT (l.extent_known AND l.after_cursor <=> l.end_cursor)")) {
      insert.setString(1, chunk.after());
      insert.setString(2, chunk.upTo());
      insert.setLong(3, chunk.rows());
      insert.setLong(4, chunk.rows());
      insert.setString(5, project);
      insert.setString(6, chunk.after());
      assertEquals(1, insert.executeUpdate());
    }
  }

  /** Starts a batch with a record for each chunk, and pauses it after twenty chunks. */
  private BatchView pausedWithRecords(WorkTable table, int lanes) {
    String project = newProject();
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          record(connection, project, chunk);
          if (attempt == 20) {
            control.pause(history.project(project).orElseThrow().active());
          }
        });
    BatchView batch = batches.start(of(project, null, table, lanes));
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .failFast(() -> history.find(batch.id()).orElseThrow().status().isFinal())
        .until(() -> history.find(batch.id()).orElseThrow().status() == BatchStatus.PAUSED);
    return batch;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void a_batch_with_a_record_of_each_chunk_succeeds_and_shows_them(int lanes) throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    BatchView batch = pausedWithRecords(table, lanes);
    control.resume(batch.id());
    BatchView ended = batches.ended(batch);
    assertEquals(BatchStatus.SUCCEEDED, ended.status(), ended::toString);
    List<ChunkRange> all = all(batch);
    assertEquals(ended.progress().chunks(), all.size());
    assertEquals(all.size(), chained(all));
    assertTrue(all.stream().allMatch(range -> range.rowsScanned() <= 10), all::toString);
  }

  private static final String LAST =
      "(SELECT id FROM (SELECT MAX(id) AS id FROM chunk_record WHERE batch = %1$d)" + " newest)";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM chunk_record WHERE batch = %1$d LIMIT 1",
        "DELETE FROM chunk_record WHERE batch = %1$d",
        "DELETE FROM chunk_record WHERE id = " + LAST,
        "UPDATE chunk_record SET rows_changed = rows_changed + 1 WHERE id = " + LAST,
        "UPDATE chunk_record SET rows_scanned = rows_scanned - 1 WHERE id = " + LAST,
        "UPDATE chunk_record SET upto_cursor = '7' WHERE id = " + LAST,
        "UPDATE chunk_record SET lane = 99 WHERE id = " + LAST,
        "UPDATE lane SET rows_changed = rows_changed + 1 WHERE batch = %1$d",
      })
  void a_manipulated_record_fails_the_batch(String tampering) throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    BatchView batch = pausedWithRecords(table, 1);
    table.execute(tampering.formatted(batch.id()));
    control.resume(batch.id());
    failed(batches.ended(batch));
    assertEquals(ROWS, table.rowsWith(1), "the work itself was done");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE lane SET begin_cursor = '7' WHERE batch = %1$d AND lane = 1",
        "UPDATE lane SET begin_cursor = '7' WHERE batch = %1$d AND lane = 0",
        "DELETE FROM lane WHERE batch = %1$d AND lane = 1",
      })
  void a_manipulated_lane_fails_the_batch(String tampering) throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    BatchView batch = pausedWithRecords(table, 3);
    table.execute("DELETE FROM chunk_record WHERE batch = " + batch.id());
    FaultyTask.arm(table, (connection, chunk, attempt) -> {});
    table.execute(tampering.formatted(batch.id()));
    control.resume(batch.id());
    failed(batches.ended(batch));
  }

  private static void failed(BatchView ended) {
    assertEquals(BatchStatus.FAILED, ended.status(), ended::toString);
    assertEquals("verification-failed", ended.error().type());
    assertTrue(ended.error().members().get("range") instanceof Map, ended::toString);
  }

  @Test
  void lanes_split_by_an_earlier_version_are_accepted() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    BatchView batch = pausedWithRecords(table, 3);
    table.execute("DELETE FROM chunk_record WHERE batch = " + batch.id());
    FaultyTask.arm(table, (connection, chunk, attempt) -> {});
    table.execute("UPDATE lane SET begin_cursor = NULL WHERE batch = " + batch.id());
    control.resume(batch.id());
    BatchView ended = batches.ended(batch);
    assertEquals(BatchStatus.SUCCEEDED, ended.status(), ended::toString);
  }

  @Test
  void a_batch_with_nothing_to_do_succeeds_without_ranges() throws SQLException {
    WorkTable table = WorkTable.create(database, 0);
    String sql = "UPDATE " + table.name() + " SET n = n + 1";
    BatchView ended = batches.ended(batches.start(of(newProject(), sql, table, 4)));
    assertEquals(BatchStatus.SUCCEEDED, ended.status());
    assertEquals(List.of(), all(ended));
  }

  private OptionalLong residual(String sql, WorkTable table) {
    return checks.residual(batches.ended(batches.start(of(newProject(), sql, table, 1))));
  }

  @Test
  void a_residual_is_counted_where_it_is_meaningful() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    String name = table.name();
    assertEquals(
        OptionalLong.empty(), residual("UPDATE " + name + " SET n = 1 WHERE id < 100", table));
    assertEquals(OptionalLong.of(0), residual("UPDATE " + name + " SET n = 2 WHERE n = 1", table));
    assertEquals(
        OptionalLong.of(99),
        residual("UPDATE " + name + " SET n = n + 1 WHERE n = 2 OR n = 3", table));
    assertEquals(OptionalLong.empty(), residual("DELETE FROM " + name, table));
    table.execute("INSERT INTO " + name + " VALUES (1, 5)");
    BatchView deleting =
        batches.ended(
            batches.start(of(newProject(), "DELETE FROM " + name + " WHERE n = 5", table, 1)));
    assertEquals(OptionalLong.of(0), checks.residual(deleting));
    table.execute("INSERT INTO " + name + " VALUES (2, 5)");
    assertEquals(OptionalLong.of(1), checks.residual(deleting));
    table.execute("DROP TABLE " + name);
    assertEquals(OptionalLong.empty(), checks.residual(deleting));
  }

  @Test
  void a_residual_that_takes_long_is_not_reported() throws SQLException {
    WorkTable table = WorkTable.create(database, 3000);
    table.execute("CREATE TABLE " + table.name() + "b AS SELECT * FROM " + table.name());
    BatchView batch =
        batches.ended(
            batches.start(
                of(
                    newProject(),
                    "DELETE FROM "
                        + table.name()
                        + " WHERE id = -1 OR (n < 0 AND id < 2)"
                        + " OR (n > 0 AND (SELECT COUNT(*) FROM "
                        + table.name()
                        + "b x, "
                        + table.name()
                        + "b y, "
                        + table.name()
                        + "b z WHERE x.n + y.n + z.n + "
                        + table.nameInSchema()
                        + ".n = 1) > 0)",
                    table,
                    1)));
    assertEquals(OptionalLong.of(0), checks.residual(batch));
    table.execute("UPDATE " + table.name() + " SET n = 1 WHERE id = 1000");
    // Without a limit, the query would compare 3000 times 3000 times 3000 rows.
    assertEquals(OptionalLong.empty(), checks.residual(batch));
  }
}
