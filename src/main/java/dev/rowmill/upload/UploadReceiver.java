package dev.rowmill.upload;

import dev.rowmill.files.BrokenFileException;
import dev.rowmill.files.FileFormat;
import dev.rowmill.files.LineReader;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableKind;
import dev.rowmill.task.Refusal;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Receives files. Safe for many threads. */
@ApplicationScoped
public class UploadReceiver {

  /** Limits the characters of a value in CSV, or of a line in NDJSON. */
  private static final int LONGEST = 64 << 20;

  private final javax.sql.DataSource data;
  private final Uploads uploads;
  private final UploadConfig config;
  private final StatementScope scope;
  private final Clock clock;
  private final Semaphore slots;

  UploadReceiver(
      @DataSource("data") javax.sql.DataSource data,
      Uploads uploads,
      UploadConfig config,
      StatementScopeConfig scope,
      Clock clock) {
    this.data = data;
    this.uploads = uploads;
    this.config = config;
    this.scope = StatementScope.of(scope);
    this.clock = clock;
    slots = new Semaphore(config.concurrent());
  }

  /**
   * Describes a file.
   *
   * @param table table that it is read for, such as {@code shop.item}
   * @param named column of the table by the name of a column of the file, in lower case
   * @param caller name of the caller; null if unknown
   */
  public record Request(
      String project,
      String table,
      FileFormat format,
      Map<String, String> named,
      @Nullable String caller) {}

  /** Holds a table of the server and its columns. */
  private record Target(TableName name, List<Column> columns) {}

  /**
   * Reads a file to its end. If it can't be received, leaves nothing.
   *
   * @return the upload, which is ready or rejected
   * @throws Refusal {@code unknown-table}, {@code body-too-large}, or {@code too-many-uploads} if
   *     this node receives as many files as it may
   * @throws IOException if the file is not received completely
   */
  public Upload receive(Request request, InputStream body) throws IOException {
    if (!slots.tryAcquire()) {
      throw new Refusal("too-many-uploads", Map.of());
    }
    try {
      return received(request, body);
    } finally {
      slots.release();
    }
  }

  private Upload received(Request request, InputStream body) throws IOException {
    try {
      Target target = target(UploadChange.tableName(request.table()));
      for (String column : request.named().values()) {
        if (target.columns().stream().noneMatch(each -> each.name().equalsIgnoreCase(column))) {
          throw new Refusal(
              "unknown-table", Map.of("table", target.name().written() + "." + column));
        }
      }
      long id = uploads.begin(request.project(), target.name(), request.format(), request.caller());
      boolean received = false;
      try {
        load(id, request, target.columns(), new ReceivedFile(body, config, clock));
        received = true;
      } finally {
        if (!received) {
          uploads.delete(id);
        }
      }
      return uploads
          .find(id)
          .orElseThrow(() -> new IOException("upload " + id + " was deleted meanwhile"));
    } catch (SQLException e) {
      throw new IllegalStateException("the file can't be stored", e);
    }
  }

  private Target target(TableName table) throws SQLException {
    try (Connection connection = data.getConnection()) {
      var catalog = new Catalog(connection);
      TableKind kind = catalog.usable(table, catalog.schema(), scope);
      return new Target(kind.name(), catalog.columns(kind.name()));
    }
  }

  private static LineReader lines(FileFormat format, InputStream file) throws IOException {
    return format == FileFormat.PARQUET
        ? format.read(WholeFile.of(file), LONGEST)
        : format.read(file, LONGEST);
  }

  private void load(long id, Request request, List<Column> target, ReceivedFile file)
      throws IOException, SQLException {
    var alive = new AliveUpload(file, uploads, id, clock);
    LineReader lines;
    try {
      lines = lines(request.format(), alive);
    } catch (BrokenFileException e) {
      uploads.end(
          id,
          List.of(),
          0,
          file.bytes(),
          List.of(new Uploads.LineError(0, e.line(), String.valueOf(e.getMessage()))));
      return;
    }
    var loader = new UploadLoader(data, uploads, alive, lines, config);
    try (lines) {
      loader.load(target, request.named());
    }
    if (!loader.errors().isEmpty()) {
      uploads.dropRows(id);
    }
    uploads.end(id, loader.columns(), alive.lines(), file.bytes(), loader.errors());
  }
}
