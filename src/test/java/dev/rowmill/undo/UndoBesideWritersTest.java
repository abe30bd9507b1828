package dev.rowmill.undo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Sequence;
import dev.rowmill.testing.Sql;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests writes by others during a batch and its undo. The undo must restore writes from before the
 * batch reached the row, and report later ones as a conflict.
 *
 * <p>The counter of a row begins as its id. Others add 1 to it, and record that in the same
 * transaction. The batch multiplies it by a factor that exceeds each counter. So a counter shows
 * the number of writes before the batch ({@code counter DIV factor - id}) and after it ({@code
 * counter MOD factor}), and the records show the total.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoBesideWritersTest {

  private static final int ROWS = 20_000;
  private static final long FACTOR = 1_000_000;
  private static final int WRITERS = 3;

  /** Sets how many rows ahead of the batch most writes are. */
  private static final int AHEAD = 400;

  private static final AtomicInteger COUNT = new AtomicInteger();

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();
  private final String table = "rowmill_work.counter" + COUNT.incrementAndGet();
  private final String notes = table + "_notes";
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicLong front = new AtomicLong(1);

  @AfterEach
  void clean_up() {
    stopped.set(true);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void every_row_is_restored_or_a_conflict(int lanes) throws Exception {
    makeTables();
    long id;
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(threads.submit(this::write));
      }
      id =
          calls.done(
              "UPDATE " + table + " SET counter = counter * " + FACTOR,
              Map.of("chunk", Map.of("rows", 100), "lanes", lanes));
      stopped.set(true);
      int writes = 0;
      for (Future<Integer> writer : writers) {
        writes += writer.get();
      }
      assertEquals(writes, Sql.number(database, "SELECT COUNT(*) FROM " + notes));
    } finally {
      stopped.set(true);
      threads.shutdown();
    }
    // The test is meaningful only if there are many of both kinds.
    String row = " FROM " + withNotes() + " WHERE ";
    long conflicting =
        Sql.number(database, "SELECT COUNT(*)" + row + "counter MOD " + FACTOR + " > 0");
    long writtenBefore =
        Sql.number(database, "SELECT COUNT(*)" + row + "counter DIV " + FACTOR + " > id");
    System.out.printf(
        "UndoBesideWritersTest: %d rows written to after, %d before the batch came%n",
        conflicting, writtenBefore);
    assertTrue(conflicting > 20 && writtenBefore > 20);
    assertEquals(
        ROWS,
        Sql.number(
            database,
            "SELECT COUNT(*)%1$scounter DIV %2$d - id + counter MOD %2$d = noted"
                .formatted(row, FACTOR)),
        "the batch itself lost a write");

    long undo = calls.undone(id, Map.of("onConflict", "skip", "lanes", lanes));

    assertEquals(
        ROWS - conflicting,
        Sql.number(database, "SELECT COUNT(*)" + row + "counter = id + noted"),
        "rows put back with all that others had done to them");
    assertEquals(
        conflicting,
        Sql.number(
            database,
            "SELECT COUNT(*)%1$scounter MOD %2$d > 0 AND counter > %2$d AND counter DIV %2$d - id +"
                    .formatted(row, FACTOR)
                + " counter MOD %d = noted".formatted(FACTOR)),
        "rows left as others made them");
    Map<Long, String> listed = UndoCalls.conflicts(undo, 500);
    assertEquals(conflicting, listed.size());
    assertEquals(conflicting, calls.batch(undo).getLong("conflicts"));
    for (long key : Sql.numbers(database, "SELECT id" + row + "counter > " + FACTOR)) {
      assertEquals("changed", listed.get(key), "row " + key);
    }
  }

  @Test
  void no_write_concurrent_with_the_undo_is_lost() throws Exception {
    makeTables();
    long id =
        calls.done(
            "UPDATE " + table + " SET counter = counter * " + FACTOR,
            Map.of("chunk", Map.of("rows", 500)));
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    long undo;
    try {
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(threads.submit(this::write));
      }
      undo =
          calls.undone(id, Map.of("onConflict", "skip", "chunk", Map.of("rows", 100), "lanes", 2));
      stopped.set(true);
      for (Future<Integer> writer : writers) {
        writer.get();
      }
    } finally {
      stopped.set(true);
      threads.shutdown();
    }
    String row = " FROM " + withNotes() + " WHERE ";
    // Restored before the write, or written to before the undo and skipped.
    long back = Sql.number(database, "SELECT COUNT(*)" + row + "counter = id + noted");
    long left =
        Sql.number(database, "SELECT COUNT(*)%scounter = id * %d + noted".formatted(row, FACTOR));
    assertEquals(ROWS, back + left);
    assertEquals(left, UndoCalls.conflicts(undo, 500).size());
    assertEquals(back, calls.batch(undo).getLong("progress.rowsChanged"));
  }

  private void makeTables() throws SQLException {
    Sql.execute(database, "CREATE DATABASE IF NOT EXISTS rowmill_work");
    Sql.execute(database, "DROP TABLE IF EXISTS " + table + ", " + notes);
    Sql.execute(
        database, "CREATE TABLE " + table + " (id BIGINT PRIMARY KEY, counter BIGINT NOT NULL)");
    Sql.execute(
        database,
        "CREATE TABLE "
            + notes
            + " (note BIGINT AUTO_INCREMENT PRIMARY KEY, id BIGINT NOT NULL, KEY by_id (id))");
    Sql.execute(
        database,
        "INSERT INTO "
            + table
            + " SELECT i, i FROM ("
            + Sequence.sql(1, ROWS + 1)
            + ") numbers ORDER BY i");
  }

  /** Contains a table expression: every row with the number of its writes. */
  private String withNotes() {
    return "(SELECT t.id, t.counter, COALESCE(n.noted, 0) AS noted FROM "
        + table
        + " t LEFT JOIN (SELECT id, COUNT(*) AS noted FROM "
        + notes
        + " GROUP BY id) n ON n.id = t.id) r";
  }

  /** Writes until it is stopped, mostly near the batch's position; returns the number of writes. */
  private int write() throws SQLException {
    int writes = 0;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try (Connection connection = database.getConnection();
        PreparedStatement add =
            connection.prepareStatement(
                "UPDATE " + table + " SET counter = counter + 1 WHERE id = ?");
        PreparedStatement note =
            connection.prepareStatement("INSERT INTO " + notes + " (id) VALUES (?)");
        PreparedStatement look =
            connection.prepareStatement(
                "SELECT COALESCE(MIN(id), 1) FROM "
                    + table
                    + " WHERE id >= ? AND counter < "
                    + FACTOR)) {
      connection.setAutoCommit(false);
      try {
        while (!stopped.get()) {
          if (writes % 10 == 0) {
            look.setLong(1, front.get());
            try (ResultSet row = look.executeQuery()) {
              row.next();
              front.set(row.getLong(1));
            }
          }
          long near = front.get() - AHEAD / 2 + random.nextInt(AHEAD);
          long id = random.nextInt(4) == 0 ? 1 + random.nextInt(ROWS) : near;
          id = Math.max(1, Math.min(ROWS, id));
          add.setLong(1, id);
          note.setLong(1, id);
          // One row locked at a time, so that there is no deadlock with the batch.
          add.executeUpdate();
          note.executeUpdate();
          connection.commit();
          writes++;
        }
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
    return writes;
  }
}
