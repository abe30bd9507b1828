package dev.rowmill.upload;

import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.HandClock;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.StartRequestBuilder;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests how long uploads are kept, and how a file that comes slowly is received. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UploadPurgeTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject AgroalDataSource database;
  @Inject Uploads uploads;
  @Inject UploadPurge purge;
  @Inject UploadConfig config;

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

  private long begun() {
    return uploads.begin(project, new TableName("rowmill_work", "any"), FileFormat.CSV, null);
  }

  @Test
  void a_file_that_comes_slowly_stays_alive_without_rows() throws Exception {
    long id = begun();
    table.execute("UPDATE rowmill_test.upload SET seen_at = '2020-01-01' WHERE id = " + id);
    var file =
        new AliveUpload(
            new ReceivedFile(slow(100_000, 8000, Duration.ofSeconds(15)), config, clock),
            uploads,
            id,
            clock);
    file.readNBytes(60_000);
    purge.purge();
    assertTrue(uploads.find(id).orElseThrow().bytes() > 0);
    uploads.delete(id);
    assertThrows(IllegalStateException.class, file::readAllBytes);
  }

  @Test
  void a_client_that_sends_almost_nothing_is_cut_off() throws Exception {
    var slow = new ReceivedFile(slow(100_000, 1000, Duration.ofSeconds(7)), config, clock);
    assertEquals(
        "the client is too slow", assertThrows(IOException.class, slow::readAllBytes).getMessage());
    var steady = new ReceivedFile(slow(100_000, 8000, Duration.ofSeconds(15)), config, clock);
    assertEquals(100_000, steady.readAllBytes().length);
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
