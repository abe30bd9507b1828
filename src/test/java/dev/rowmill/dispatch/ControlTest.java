package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.lining;
import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static dev.rowmill.testing.Batches.serial;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests pause, resume, cancel and new settings on running batches. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ControlTest {

  private static final int ROWS = 2000;

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject PoolStatus pools;
  @Inject BatchHistory history;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private BatchView look(BatchView batch) {
    return history.find(batch.id()).orElseThrow();
  }

  private void await(BatchView batch, BatchStatus status) {
    Awaitility.await("batch " + batch.id() + " to be " + status)
        .atMost(Batches.PATIENCE)
        .until(() -> look(batch).status() == status);
  }

  /** Starts a batch that adds 1 to each row, and waits at its fifth chunk until released. */
  private BatchView heldAtItsFifthChunk(String project, WorkTable table, CountDownLatch letGo) {
    var there = new CountDownLatch(1);
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt == 5) {
            there.countDown();
            awaitQuietly(letGo);
          }
        });
    BatchView batch = batches.start(request(project, "faulty", "table", table.name()));
    awaitQuietly(there);
    return batch;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_paused_batch_stops_after_its_chunk_releases_everything_and_can_be_resumed()
      throws SQLException {
    String project = newProject();
    WorkTable table = WorkTable.create(database, ROWS);
    var letGo = new CountDownLatch(1);
    BatchView batch = heldAtItsFifthChunk(project, table, letGo);

    assertEquals(BatchStatus.PAUSED, control.pause(batch.id()).wanted());
    assertEquals(BatchStatus.PAUSED, control.pause(batch.id()).wanted());
    letGo.countDown();
    await(batch, BatchStatus.PAUSED);
    batches.leaveNothingBehind();
    assertEquals(50, table.rowsWith(1));
    assertThrows(
        Refusal.class,
        () -> batches.start(request(project, "faulty", "table", table.name())),
        "the project remains occupied");

    assertEquals(BatchStatus.QUEUED, control.resume(batch.id()).status());
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_cancelled_batch_ends_after_its_chunk_and_lets_the_next_of_its_project_run()
      throws SQLException {
    String project = newProject();
    WorkTable table = WorkTable.create(database, ROWS);
    var letGo = new CountDownLatch(1);
    BatchView batch = heldAtItsFifthChunk(project, table, letGo);
    WorkTable other = WorkTable.create(database, 10);
    BatchView next = batches.start(lining(request(project, "faulty", "table", other.name())));

    control.cancel(batch.id(), false);
    letGo.countDown();
    BatchView ended = batches.ended(batch);
    assertEquals(BatchStatus.CANCELLED, ended.status());
    assertNotNull(ended.finishedAt());
    assertEquals(50, table.rowsWith(1));
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(next).status());
  }

  @Test
  void a_pending_pause_is_withdrawn_by_resume() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    var letGo = new CountDownLatch(1);
    BatchView batch = heldAtItsFifthChunk(newProject(), table, letGo);
    control.pause(batch.id());
    assertEquals(null, control.resume(batch.id()).wanted());
    letGo.countDown();
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void waiting_batches_are_cancelled_and_paused_at_once_and_later_ones_move_up() {
    String first = newProject();
    BatchView holder = batches.start(serial(request(first, "gate", "gate", first)));
    await(holder, BatchStatus.RUNNING);
    String other = newProject();
    BatchView paused = batches.start(serial(request(other, "gate", "gate", other)));
    BatchView inLine = batches.start(lining(request(first, "gate", "gate", first)));
    String last = newProject();
    BatchView behind = batches.start(serial(request(last, "gate", "gate", last)));
    assertEquals(List.of(paused.id(), behind.id()), pools.pool().serial().waiting());

    assertEquals(BatchStatus.PAUSED, control.pause(paused.id()).status());
    assertEquals(BatchStatus.CANCELLED, control.cancel(inLine.id(), false).status());
    assertEquals(List.of(behind.id()), pools.pool().serial().waiting());
    refused(() -> control.pause(inLine.id()), "cancelled", "paused", Set.of());

    control.resume(paused.id());
    assertEquals(List.of(behind.id(), paused.id()), pools.pool().serial().waiting());
    for (String gate : List.of(first, last, other)) {
      GateTask.open(gate);
    }
    for (BatchView batch : List.of(holder, paused, behind)) {
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    }
  }

  @Test
  void a_paused_batch_can_be_cancelled() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    var letGo = new CountDownLatch(1);
    BatchView batch = heldAtItsFifthChunk(newProject(), table, letGo);
    control.pause(batch.id());
    letGo.countDown();
    await(batch, BatchStatus.PAUSED);
    refused(() -> control.pause(batch.id()), "paused", "paused", Set.of("queued", "cancelled"));
    assertEquals(BatchStatus.CANCELLED, control.cancel(batch.id(), false).status());
    refused(() -> control.resume(batch.id()), "cancelled", "queued", Set.of());
    assertThrows(Refusal.class, () -> control.change(batch.id(), SettingsChange.NONE));
    assertThrows(NoSuchElementException.class, () -> control.pause(Long.MAX_VALUE));
  }

  @Test
  void a_forced_cancel_kills_a_waiting_statement() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    try (Connection holder = database.getConnection();
        Statement statement = holder.createStatement()) {
      statement.execute("SET SESSION innodb_lock_wait_timeout = 50");
      holder.setAutoCommit(false);
      statement.executeQuery("SELECT n FROM " + table.name() + " WHERE id = 505 FOR UPDATE");
      BatchView batch = batches.start(sql(table, 1));
      Awaitility.await().atMost(Batches.PATIENCE).until(() -> Sql.isLockAwaited(database));
      control.cancel(batch.id(), true);
      assertEquals(BatchStatus.CANCELLED, batches.ended(batch).status());
      // The row is still locked, so the statement did not finish.
      assertEquals(500, look(batch).progress().rowsChanged());
      assertEquals(500, table.rowsWith(1));
      holder.rollback();
    }
  }

  @Test
  void a_forced_cancel_interrupts_a_plain_task() {
    String project = newProject();
    BatchView batch = batches.start(request(project, "gate", "gate", project));
    await(batch, BatchStatus.RUNNING);
    control.cancel(batch.id(), true);
    assertEquals(BatchStatus.CANCELLED, batches.ended(batch).status());
  }

  private static StartRequest sql(WorkTable table, int lanes) {
    StartRequest r = request(newProject(), "sql", "none", "none");
    BatchWork work = BatchWork.sql("UPDATE " + table.name() + " SET n = n + 1", null, "{}");
    return Batches.with(
        r.with(r.spec().with(work).with(Safeguards.NONE)),
        new SettingsChange(10, null, lanes, null));
  }

  @Test
  void lanes_share_a_batch_and_each_row_changes_once() throws SQLException {
    for (int lanes : List.of(2, 4, 16)) {
      WorkTable table = WorkTable.create(database, ROWS);
      BatchView ended = batches.ended(batches.start(sql(table, lanes)));
      assertEquals(BatchStatus.SUCCEEDED, ended.status());
      assertEquals(ROWS, table.rowsWith(1));
      assertEquals(ROWS, ended.progress().rowsScanned());
      assertEquals(ROWS, ended.progress().rowsChanged());
      assertTrue(lanesOf(ended) >= lanes, () -> lanes + " lanes wanted");
    }
  }

  @Test
  void ignored_rows_of_lanes_add_up_and_a_reached_limit_is_reported() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    var request = Batches.request(newProject(), "faulty", "table", table.name());
    BatchView ended =
        batches.ended(batches.start(Batches.with(request, new SettingsChange(10, null, 4, null))));
    assertEquals(BatchStatus.SUCCEEDED, ended.status());
    assertTrue(lanesOf(ended) > 1);
    assertEquals(
        ended.progress().chunks() * FaultyTask.IGNORED_IN_A_CHUNK, ended.progress().rowsIgnored());
    assertTrue(ended.progress().limitReached());
    assertEquals(
        1, table.number("SELECT COUNT(*) FROM lane WHERE limit_reached AND batch = " + ended.id()));
  }

  private long lanesOf(BatchView batch) throws SQLException {
    return WorkTable.create(database, 1)
        .number("SELECT COUNT(*) FROM lane WHERE batch = " + batch.id());
  }

  @Test
  void a_lane_with_most_of_the_rows_is_split_repeatedly() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    table.execute("INSERT INTO " + table.name() + " VALUES (9000000000000000000, 0)");
    BatchView ended = batches.ended(batches.start(sql(table, 3)));
    assertEquals(BatchStatus.SUCCEEDED, ended.status());
    assertEquals(ROWS + 1, table.rowsWith(1));
    assertTrue(
        table.number(
                "SELECT COUNT(*) FROM lane WHERE batch = " + ended.id() + " AND rows_scanned > 100")
            > 2,
        "one lane did it all");
  }

  @Test
  void lanes_added_during_a_run_take_part() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    var letGo = new CountDownLatch(1);
    BatchView batch = heldAtItsFifthChunk(newProject(), table, letGo);
    control.change(batch.id(), new SettingsChange(null, null, 3, null));
    letGo.countDown();
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    assertEquals(ROWS, table.rowsWith(1));
    assertTrue(lanesOf(batch) > 1, "the work was not shared");
  }

  @Test
  void an_error_on_one_lane_fails_the_batch_with_its_range() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = 1500");
    BatchView ended = batches.ended(batches.start(sql(table, 4)));
    assertEquals(BatchStatus.FAILED, ended.status());
    assertEquals(
        Map.of("from", "[\"1499\"]", "to", "[\"1500\"]", "rows", 1),
        ended.error().members().get("chunk"));
    assertEquals(ended.progress().rowsChanged(), table.rowsWith(1));
  }

  @Test
  void five_hundred_random_requests_leave_each_row_changed_once() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    int asked = 0;
    while (asked < 500) {
      WorkTable table = WorkTable.create(database, ROWS);
      BatchView batch = batches.start(sql(table, random.nextInt(5)));
      BatchView now = batch;
      boolean cancelled = false;
      while (!now.status().isFinal()) {
        cancelled |= ask(now, random);
        asked++;
        now = look(batch);
      }
      batches.ended(batch);
      assertTrue(
          now.status() == BatchStatus.SUCCEEDED
              || (cancelled && now.status() == BatchStatus.CANCELLED),
          "seed " + seed + ": " + now);
      assertEquals(now.progress().rowsChanged(), table.rowsWith(1), "seed " + seed + ": " + now);
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE n > 1"));
      if (now.status() == BatchStatus.SUCCEEDED) {
        assertEquals(ROWS, table.rowsWith(1), "seed " + seed + ": " + now);
      }
    }
  }

  /** Sends a random request; returns whether it was a cancel. It may be rejected. */
  private boolean ask(BatchView batch, Random random) {
    int dice = random.nextInt(100);
    try {
      if (dice < 35) {
        control.pause(batch.id());
      } else if (dice < 85) {
        control.resume(batch.id());
      } else if (dice < 98) {
        control.change(
            batch.id(), new SettingsChange(10 + random.nextInt(50), null, random.nextInt(7), null));
      } else {
        control.cancel(batch.id(), random.nextBoolean());
        return true;
      }
    } catch (Refusal e) {
      assertTrue(
          Set.of("illegal-transition", "batch-ended").contains(e.type()), () -> e.type() + dice);
    }
    return false;
  }

  private static void refused(
      org.junit.jupiter.api.function.Executable asked,
      String from,
      String to,
      Set<String> allowed) {
    Refusal refusal = assertThrows(Refusal.class, asked);
    assertEquals("illegal-transition", refusal.type());
    assertEquals(from, refusal.members().get("from"));
    assertEquals(to, refusal.members().get("to"));
    assertEquals(allowed, Set.copyOf((List<?>) refusal.members().get("allowed")));
  }
}
