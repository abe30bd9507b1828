package dev.rowmill.upload;

import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.HandClock;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.StartRequestBuilder;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how long uploads are kept, and how a file that comes slowly is received. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UploadPurgeTest {

  private static final RowmillApi API = RowmillApi.local();

  /** Is the size of the parts in which {@link InputStream#readAllBytes} reads. */
  private static final int BUFFER = 8192;

  @Inject AgroalDataSource database;
  @Inject Uploads uploads;
  @Inject UploadPurge purge;
  @Inject UploadConfig config;
  @Inject StatementScopeConfig scope;

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(10);

  private final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));

  /** Returns a file of which each part takes some time. */
  private InputStream slow(int bytes, int part, Duration time) {
    return new ByteArrayInputStream(new byte[bytes]) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) {
        clock.advance(length == 0 ? Duration.ZERO : time);
        return super.read(into, offset, Math.min(length, part));
      }
    };
  }

  private StartRequestBuilder start(String upload) {
    return API.start(project)
        .with("upload", upload)
        .with("table", table.name())
        .with("match", List.of("id"))
        .with("do", "update");
  }

  private String uploaded() {
    return API.request()
        .header("Content-Type", "text/csv")
        .body("id,n\n1,7\n2,7\n")
        .post("/uploads?project=" + project + "&table=" + table.name())
        .statusCode(201)
        .path("id");
  }

  private boolean isThere(String upload) {
    return uploads.find(Upload.number(upload).orElseThrow()).isPresent();
  }

  @Test
  void an_upload_is_kept_as_long_as_a_batch_needs_it() throws Exception {
    String upload = uploaded();
    long later =
        start(upload)
            .with("startAt", Instant.now().plus(1, ChronoUnit.DAYS).toString())
            .send()
            .statusCode(202)
            .id();
    start(upload).waiting().send().statusCode(200).body("status", equalTo("succeeded"));
    String id = upload.substring(2);
    table.execute("UPDATE rowmill_test.upload SET expires_at = '2020-01-01' WHERE id = " + id);
    purge.purge();
    assertTrue(isThere(upload));
    Instant expires = uploads.find(Long.parseLong(id)).orElseThrow().expiresAt();
    assertTrue(expires.isAfter(Instant.now()), expires::toString);
    API.post("/batches/" + later + "/cancel").statusCode(202);
    assertEquals("cancelled", API.ended(later).get("status").asText());
    purge.purge();
    assertEquals(false, isThere(upload));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_start_finds_its_upload_or_is_refused(boolean startsFirst) throws Exception {
    String upload = uploaded();
    StartRequestBuilder start =
        start(upload).with("startAt", Instant.now().plus(1, ChronoUnit.DAYS).toString());
    // A plan checks the keys of the lines, so that the start itself writes nothing before it is
    // stored.
    start(upload).plan().statusCode(200);
    String id = upload.substring(2);
    table.execute("UPDATE rowmill_test.upload SET expires_at = '2020-01-01' WHERE id = " + id);
    try (Connection lock = database.getConnection()) {
      lock.setAutoCommit(false);
      try (var statement = lock.createStatement()) {
        statement.execute("SELECT id FROM rowmill_test.upload WHERE id = " + id + " FOR UPDATE");
      }
      CompletableFuture<Void> purged = null;
      if (!startsFirst) {
        purged = waiting(1, purge::purge);
      }
      var reply = new AtomicReference<Reply>();
      CompletableFuture<Void> started = waiting(startsFirst ? 1 : 2, () -> reply.set(start.send()));
      if (startsFirst) {
        purged = waiting(2, purge::purge);
      }
      lock.commit();
      CompletableFuture.allOf(started, purged).join();
      if (isThere(upload)) {
        long batch = reply.get().statusCode(202).id();
        API.post("/batches/" + batch + "/cancel").statusCode(202);
        API.ended(batch);
      } else {
        reply.get().statusCode(422).body("type", endsWith("unknown-upload"));
      }
    }
  }

  /** Runs an action, and returns when it or one before it waits for a lock, or when it is done. */
  private CompletableFuture<Void> waiting(int waits, Runnable action) {
    CompletableFuture<Void> done = CompletableFuture.runAsync(action);
    // The servers renew this table only if it was not read for 100 milliseconds.
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(300))
        .until(
            () ->
                done.isDone()
                    || table.number(
                            "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state ="
                                + " 'LOCK WAIT'")
                        >= waits);
    return done;
  }

  @Test
  void a_purge_that_was_killed_is_completed() throws Exception {
    String upload = uploaded();
    table.execute(
        "UPDATE rowmill_test.upload SET status = 'DELETED' WHERE id = " + upload.substring(2));
    API.get("/uploads/" + upload).statusCode(404);
    API.get("/uploads?project=" + project).body("items", hasSize(0));
    start(upload).send().statusCode(422).body("type", endsWith("unknown-upload"));
    purge.purge();
    assertEquals(
        0,
        table.number(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'upload_rows_"
                + upload.substring(2)
                + "'"));
  }

  private long begun() {
    return uploads.begin(project, new TableName("rowmill_work", "any"), FileFormat.CSV, null);
  }

  @Test
  void a_file_that_comes_slowly_stays_alive_without_rows() throws Exception {
    long id = begun();
    table.execute("UPDATE rowmill_test.upload SET seen_at = '2020-01-01' WHERE id = " + id);
    var file =
        new AliveUpload(
            new ReceivedFile(slow(2_000_000, BUFFER, Duration.ofMillis(700)), config, clock),
            uploads,
            id,
            clock);
    file.readNBytes(700_000);
    purge.purge();
    assertTrue(uploads.find(id).orElseThrow().bytes() > 0);
    uploads.delete(id);
    assertThrows(IllegalStateException.class, file::readAllBytes);
  }

  @Test
  void a_client_below_the_minimum_rate_is_cut_off() throws Exception {
    Instant begun = clock.instant();
    // It begins fast, and then keeps a slot with 8 kB a second.
    var slow =
        new ReceivedFile(
            new SequenceInputStream(
                slow(700_000, BUFFER, Duration.ofMillis(100)),
                slow(100_000_000, BUFFER, Duration.ofSeconds(1))),
            config,
            clock);
    assertEquals(
        "the client is too slow", assertThrows(IOException.class, slow::readAllBytes).getMessage());
    assertTrue(clock.instant().isBefore(begun.plus(config.idleTimeout().multipliedBy(2))));
    var steady = new ReceivedFile(slow(2_000_000, BUFFER, Duration.ofMillis(700)), config, clock);
    assertEquals(2_000_000, steady.readAllBytes().length);
  }

  /** Has the defaults, apart from the bytes of a file. */
  private record Limits(
      long maxBytes,
      long maxLines,
      int concurrent,
      Duration idleTimeout,
      int minRate,
      Duration retention,
      Duration purgeInterval)
      implements UploadConfig {

    Limits(long maxBytes, UploadConfig others) {
      this(
          maxBytes,
          others.maxLines(),
          others.concurrent(),
          others.idleTimeout(),
          others.minRate(),
          others.retention(),
          others.purgeInterval());
    }
  }

  @Test
  void a_small_file_that_expands_to_too_many_characters_is_rejected(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("file.parquet");
    try (Connection there = DriverManager.getConnection("jdbc:duckdb:");
        var duck = there.createStatement()) {
      duck.execute(
          "COPY (SELECT i AS id, repeat('x', 100) AS note FROM range(10000) AS of(i)) TO '%s' (FORMAT parquet)"
              .formatted(file));
    }
    long most = 2 * Files.size(file);
    assertTrue(most < 10_000 * 100, () -> most + " bytes");
    var receiver = new UploadReceiver(data, uploads, new Limits(most, config), scope, clock);
    Upload upload;
    try (InputStream body = Files.newInputStream(file)) {
      upload =
          receiver.receive(
              new UploadReceiver.Request(project, table.name(), FileFormat.PARQUET, Map.of(), null),
              body);
    }
    assertEquals(Upload.Status.REJECTED, upload.status());
    String message = uploads.errors(upload.id(), 0, 10).items().get(0).message();
    assertTrue(
        message.contains(most + " characters, the limit of rowmill.upload.max-bytes"), message);
  }

  @Test
  void the_end_of_a_deleted_upload_stores_no_errors() throws SQLException {
    long id = begun();
    uploads.delete(id);
    assertThrows(
        IllegalStateException.class,
        () -> uploads.end(id, List.of(), 1, 1, List.of(new Uploads.LineError(0, 1, "bad"))));
    assertEquals(
        0, table.number("SELECT COUNT(*) FROM rowmill_test.upload_error WHERE upload = " + id));
  }
}
