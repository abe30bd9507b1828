package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Progress;
import dev.rowmill.database.StoredTime;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Image;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Sql;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that undo data is deleted after its retention, and not before. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoRetentionTest {

  @Inject UndoRetention retention;
  @Inject RunStore runs;
  @Inject BatchStarts starts;
  @Inject DataSource control;
  @Inject Clock clock;

  private Instant due;

  @BeforeEach
  void emptyTables() throws SQLException {
    Sql.execute(control, "DELETE FROM chunk_record");
    Sql.execute(control, "DELETE FROM undo_conflict");
    due = clock.instant().minus(Duration.ofDays(14));
  }

  /** Inserts a batch that ended a number of days ago, with records and conflicts. */
  private long kept(double daysAgo, int rows) throws SQLException {
    var start = Batches.unstarted(Batches.newProject(), "none", Mode.PARALLEL);
    long id = assertInstanceOf(StartResult.Stored.class, starts.store(start, false)).batch().id();
    runs.end(runs.claim(id, "test").orElseThrow(), null, Duration.ZERO);
    String time =
        StoredTime.text(clock.instant().minus(Duration.ofMinutes((long) (daysAgo * 24 * 60))));
    Sql.execute(
        control,
        "UPDATE batch SET created_at = '%1$s', finished_at = '%1$s' WHERE id = %2$d"
            .formatted(time, id));
    for (int i = 0; i < rows; i++) {
      Sql.execute(
          control,
          "INSERT INTO chunk_record (batch, lane, upto_cursor, rows_scanned, rows_changed,"
              + " image_rows, image_bytes, image) VALUES ("
              + id
              + ", 0, 'x', 1, 1, 1, 1, 'x')");
      Sql.execute(
          control,
          "INSERT INTO undo_conflict (batch, row_key, reason) VALUES ("
              + id
              + ", '{}', 'missing')");
    }
    return id;
  }

  private long left(long batch) throws SQLException {
    long records = Sql.number(control, "SELECT COUNT(*) FROM chunk_record WHERE batch = " + batch);
    assertEquals(
        records,
        Sql.number(control, "SELECT COUNT(*) FROM undo_conflict WHERE batch = " + batch),
        "conflicts");
    return records;
  }

  /** Opens a connection to a server that accepts packets of one megabyte. */
  private Connection withSmallPackets() throws SQLException {
    Config config = ConfigProvider.getConfig();
    long packet = Sql.number(control, "SELECT @@GLOBAL.max_allowed_packet");
    Sql.execute(control, "SET GLOBAL max_allowed_packet = 1048576");
    try {
      return DriverManager.getConnection(
          config.getValue("quarkus.datasource.jdbc.url", String.class),
          config.getValue("quarkus.datasource.username", String.class),
          config.getValue("quarkus.datasource.password", String.class));
    } finally {
      Sql.execute(control, "SET GLOBAL max_allowed_packet = " + packet);
    }
  }

  @Test
  void an_image_larger_than_a_packet_is_stored_in_pieces_and_deleted_with_its_batch()
      throws SQLException {
    long batch = kept(20, 0);
    byte[] large = new byte[3_000_000];
    new Random(1).nextBytes(large);
    var lane = new LaneState(batch, 0, 1, true, null, null, "z", Progress.NONE);
    try (Connection connection = withSmallPackets()) {
      connection.setAutoCommit(false);
      for (byte[] image : new byte[][] {large, {1, 2}, large, new byte[256 << 10]}) {
        ChunkRecords.add(
            connection, lane, new Chunk(null, "a", 1), new ChunkResult(1, new Image(1, image)));
      }
      connection.commit();
      long last = Long.MAX_VALUE;
      for (byte[] image : new byte[][] {new byte[256 << 10], large, {1, 2}, large}) {
        last = ChunkRecords.newestLeft(connection, batch, last).orElseThrow().id();
        assertArrayEquals(image, ChunkRecords.image(connection, last));
      }
    }
    assertEquals(
        2 * large.length + 2 + (256 << 10),
        Sql.number(control, "SELECT SUM(image_bytes) FROM chunk_record WHERE batch = " + batch));
    assertEquals(
        2 * large.length + 2 + (256 << 10),
        Sql.number(control, "SELECT SUM(LENGTH(image)) FROM chunk_record WHERE batch = " + batch)
            + Sql.number(
                control,
                "SELECT SUM(LENGTH(bytes)) FROM chunk_record_part WHERE batch = " + batch));
    retention.purge(due, () -> true);
    assertEquals(0, left(batch));
    assertEquals(
        0, Sql.number(control, "SELECT COUNT(*) FROM chunk_record_part WHERE batch = " + batch));
  }

  @Test
  void only_expired_images_are_deleted_in_small_steps() throws SQLException {
    long old = kept(20, 120);
    long young = kept(13.9, 3);
    long alsoOld = kept(14.1, 50);
    long running = kept(30, 2);
    Sql.execute(
        control, "UPDATE batch SET finished_at = NULL, status = 'PAUSED' WHERE id = " + running);
    long ageing = kept(30, 2);
    Sql.execute(
        control,
        "UPDATE batch SET finished_at = '"
            + StoredTime.text(clock.instant())
            + "' WHERE id = "
            + ageing);
    int[] steps = {0};
    // Only in this test, the newer one between them has a lower id than older ones: two rounds.
    long deleted = retention.purge(due, () -> ++steps[0] > 0);
    assertEquals(240, deleted);
    assertEquals(6, steps[0], "statements of fifty rows");
    Sql.execute(control, "UPDATE batch SET created_at = '2020-01-01' WHERE id = " + young);
    assertEquals(100, retention.purge(due, () -> true));
    assertEquals(0, left(old));
    assertEquals(0, left(alsoOld));
    assertEquals(3, left(young));
    assertEquals(2, left(running));
    assertEquals(2, left(ageing));
    Sql.execute(control, "UPDATE batch SET status = 'CANCELLED' WHERE id = " + running);
  }

  @Test
  void images_of_a_running_undo_are_retained_until_its_end() throws SQLException {
    long old = kept(20, 3);
    long undo = kept(0, 0);
    Sql.execute(
        control,
        "UPDATE batch SET undoes = %d, status = 'PAUSED', finished_at = NULL WHERE id = %d"
            .formatted(old, undo));
    assertEquals(0, retention.purge(due, () -> true));
    assertEquals(3, left(old));
    Sql.execute(control, "UPDATE batch SET status = 'SUCCEEDED' WHERE id = " + undo);
    assertEquals(6, retention.purge(due, () -> true));
    assertEquals(0, left(old));
  }

  @Test
  void it_stops_on_request() throws SQLException {
    long old = kept(20, 120);
    assertEquals(100, retention.purge(due, () -> false), "a step in each table");
    assertEquals(70, left(old));
    retention.purge(due, () -> true);
  }
}
