package dev.rowmill.engine;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchRequests;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EngineTest {

  private static final int ROWS = 200;

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject Batches batches;
  @Inject BatchRequests requests;

  private WorkTable table;

  @BeforeEach
  void createTable() throws SQLException {
    table = WorkTable.create(database, ROWS);
  }

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private BatchView run() {
    return batches.ended(batches.start(request(newProject(), "faulty", "table", table.name())));
  }

  @Test
  void every_row_is_changed_once_and_counted() throws SQLException {
    BatchView batch = run();

    assertEquals(BatchStatus.SUCCEEDED, batch.status());
    assertEquals(ROWS, table.rowsWith(1));
    assertEquals(ROWS, batch.progress().rowsScanned());
    assertEquals(ROWS, batch.progress().rowsChanged());
    assertEquals(ROWS, batch.progress().rowsTotal());
    assertEquals(ROWS / 10, batch.progress().chunks());
    assertNotNull(batch.startedAt());
    assertNotNull(batch.finishedAt());
  }

  @Test
  void from_the_second_chunk_on_the_end_of_the_next_is_searched_ahead() {
    run();

    assertEquals(ROWS / 10 - 2, FaultyTask.looksAhead(table));
    // The results are used, unless they became too old on a slow machine.
    assertTrue(FaultyTask.ownLooks(table) < ROWS / 20, "looks of the run itself");
  }

  @Test
  void an_empty_table_ends_at_once() throws SQLException {
    table.execute("DELETE FROM " + table.name());

    BatchView batch = run();

    assertEquals(BatchStatus.SUCCEEDED, batch.status());
    assertEquals(0, batch.progress().chunks());
  }

  @Test
  void a_stop_that_only_the_database_knows_of_ends_the_preparation() throws SQLException {
    Queue<Boolean> seen = new ConcurrentLinkedQueue<>();
    FaultyTask.prepare(
        table,
        run -> {
          seen.add(run.mayContinue());
          // Without a notice to the run.
          requests.request(run.batch(), BatchStatus.CANCELLED, false);
          seen.add(run.mayContinue());
        });

    BatchView batch = run();

    assertEquals(BatchStatus.CANCELLED, batch.status());
    assertEquals(List.of(true, false), List.copyOf(seen));
    assertNull(batch.progress().rowsTotal());
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_chunk_is_retried_after_transient_errors() throws SQLException {
    Map<Integer, SQLException> faults =
        Map.of(
            1, new SQLException("deadlock", "40001", 1213),
            3, new SQLException("lock wait timeout", "HY000", 1205),
            6, new SQLException("read-only", "HY000", 1836),
            8, new SQLException("shutting down", "08S01", 1053));
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (faults.containsKey(attempt)) {
            throw faults.get(attempt);
          }
        });

    BatchView batch = run();

    assertEquals(BatchStatus.SUCCEEDED, batch.status());
    assertEquals(ROWS, table.rowsWith(1));
    assertEquals(ROWS, batch.progress().rowsScanned());
    assertEquals(faults.size(), batch.progress().retries());
  }

  @Test
  void an_error_after_a_read_only_period_pauses_like_the_first_one() throws SQLException {
    int away = 6;
    AtomicLong failed = new AtomicLong();
    AtomicLong pause = new AtomicLong();
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt <= away) {
            throw new SQLException("read-only", "HY000", 1836);
          } else if (attempt == away + 1) {
            failed.set(System.nanoTime());
            throw new SQLException("not the primary yet", "HY000", 3101);
          } else if (attempt == away + 2) {
            pause.set(System.nanoTime() - failed.get());
          }
        });

    BatchView batch = run();

    assertEquals(BatchStatus.SUCCEEDED, batch.status());
    assertEquals(away + 1, batch.progress().retries());
    Duration paused = Duration.ofNanos(pause.get());
    // A seventh consecutive error would cause a pause of 6.4 s or more.
    assertTrue(paused.compareTo(Duration.ofMillis(6400)) < 0, paused::toString);
  }

  @Test
  void a_lost_connection_costs_one_chunk_which_is_retried() throws SQLException {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt % 4 == 0) {
            killItself(connection);
          }
        });

    BatchView batch = run();

    assertEquals(BatchStatus.SUCCEEDED, batch.status());
    assertEquals(ROWS, table.rowsWith(1));
    assertTrue(batch.progress().retries() >= 5, () -> "retries of " + batch);
  }

  private static void killItself(Connection connection) throws SQLException {
    try (Statement kill = connection.createStatement()) {
      kill.execute("KILL CONNECTION_ID()");
    } catch (SQLException e) {
      // Killed, as intended; the engine detects it.
    }
  }

  @Test
  void one_invalid_row_is_named_and_all_rows_before_it_are_changed() throws SQLException {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (Long.parseLong(chunk.upTo()) >= 57
              && (chunk.after() == null || Long.parseLong(chunk.after()) < 57)) {
            throw new SQLException("out of range for row 57", "22003", 1264);
          }
        });

    BatchView batch = run();

    assertEquals(BatchStatus.FAILED, batch.status());
    assertNotNull(batch.error());
    assertEquals("chunk-failed", batch.error().type());
    assertEquals(Map.of("from", "56", "to", "57", "rows", 1), batch.error().members().get("chunk"));
    assertEquals(1264, batch.error().members().get("errorCode"));
    assertEquals(56, table.rowsWith(1));
    assertEquals(ROWS - 56, table.rowsWith(0));
    assertEquals(56, batch.progress().rowsScanned());
  }

  @Test
  void a_permanent_error_fails_the_batch_at_once() throws SQLException {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt == 3) {
            throw new SQLException("the table is gone", "42S02", 1146);
          }
        });

    BatchView batch = run();

    assertEquals(BatchStatus.FAILED, batch.status());
    assertEquals(20, table.rowsWith(1));
    assertEquals(0, batch.progress().retries());
  }

  @Test
  void a_jvm_error_fails_only_the_batch() throws SQLException {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          throw new StackOverflowError("deep");
        });

    BatchView batch = run();

    assertEquals(BatchStatus.FAILED, batch.status());
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_chunk_that_does_not_fit_into_memory_fails_the_batch_with_advice() throws SQLException {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          throw new OutOfMemoryError("Java heap space");
        });

    BatchView batch = run();

    assertEquals(BatchStatus.FAILED, batch.status());
    assertNotNull(batch.error());
    assertEquals("task-failed", batch.error().type());
    String message = String.valueOf(batch.error().members().get("message"));
    assertTrue(message.contains("-Xmx"), message);
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_row_locked_for_a_while_only_delays_the_batch() throws Exception {
    try (Connection other = database.getConnection();
        Statement lock = other.createStatement()) {
      other.setAutoCommit(false);
      lock.execute("UPDATE " + table.name() + " SET n = n WHERE id = 95");
      lock.execute("SELECT * FROM " + table.name() + " WHERE id = 95 FOR UPDATE");
      BatchView started = batches.start(request(newProject(), "faulty", "table", table.name()));
      org.awaitility.Awaitility.await()
          .atMost(Batches.PATIENCE)
          .until(() -> table.rowsWith(1) == 90);
      other.rollback();
      other.setAutoCommit(true);

      assertEquals(BatchStatus.SUCCEEDED, batches.ended(started).status());
    }
    assertEquals(ROWS, table.rowsWith(1));
  }
}
