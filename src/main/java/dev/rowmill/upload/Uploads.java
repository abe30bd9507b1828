package dev.rowmill.upload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.batch.Page;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import dev.rowmill.files.FileFormat;
import dev.rowmill.sql.parse.TableName;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stores uploads, and the errors of their lines. Safe for many threads and nodes. */
@ApplicationScoped
public class Uploads {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String READ =
      "SELECT id, project, table_schema, table_name, format, status, file_columns, line_count,"
          + " byte_count, error_count, created_at, created_by, seen_at, expires_at, unique_columns,"
          + " batch FROM upload";

  private static final int ROWS_A_STATEMENT = 200;

  /** Limits the characters of a message. */
  private static final int LONGEST_MESSAGE = 1000;

  /**
   * Represents an error.
   *
   * @param id number of the error
   * @param line number of the line in the file, from 1
   * @param message what is wrong, in English
   */
  public record LineError(long id, long line, String message) {}

  private final ControlTransactions transactions;
  private final UploadConfig config;
  private final Clock clock;

  Uploads(ControlTransactions transactions, UploadConfig config, Clock clock) {
    this.transactions = transactions;
    this.config = config;
    this.clock = clock;
  }

  /** Stores an upload that begins, and returns its id. */
  long begin(String project, TableName table, FileFormat format, @Nullable String caller) {
    Instant now = clock.instant();
    return transactions.sql(
        connection ->
            Rows.insert(
                connection,
                "INSERT INTO upload (project, table_schema, table_name, format, status,"
                    + " file_columns, line_count, byte_count, error_count, created_at, created_by,"
                    + " seen_at, expires_at) VALUES (?, ?, ?, ?, ?, '[]', 0, 0, 0, ?, ?, ?, ?)",
                project,
                table.schema(),
                table.name(),
                format,
                Upload.Status.LOADING,
                now,
                caller,
                now,
                now.plus(config.retention())));
  }

  /**
   * Stores how much of the file has been read, in the transaction that stores its rows.
   *
   * @throws SQLException if the upload was deleted meanwhile
   */
  void progress(Connection connection, long id, long lines, long bytes) throws SQLException {
    if (!see(connection, id, lines, bytes)) {
      throw new SQLException("upload " + id + " was deleted while its file was received");
    }
  }

  /**
   * Stores that an upload is alive, and how much of the file has been read.
   *
   * @throws IllegalStateException if the upload was deleted meanwhile
   */
  void alive(long id, long lines, long bytes) {
    if (!transactions.sql(connection -> see(connection, id, lines, bytes))) {
      throw new IllegalStateException("upload " + id + " was deleted while it was received");
    }
  }

  private boolean see(Connection connection, long id, long lines, long bytes) throws SQLException {
    return Rows.update(
            connection,
            "UPDATE upload SET line_count = ?, byte_count = ?, seen_at = ? WHERE id = ?"
                + " AND status = ?",
            lines,
            bytes,
            clock.instant(),
            id,
            Upload.Status.LOADING)
        == 1;
  }

  /** Extends the retention of an upload that is used. */
  void extend(long id) {
    transactions.sql(connection -> keep(connection, id));
  }

  /**
   * Extends the retention of an upload, and locks it until the transaction ends. Writes its row,
   * because a Galera cluster replicates no locks.
   *
   * @return whether it is ready
   */
  boolean keep(Connection connection, long id) throws SQLException {
    return Rows.update(
            connection,
            "UPDATE upload SET expires_at = ? WHERE id = ? AND status = ?",
            clock.instant().plus(config.retention()),
            id,
            Upload.Status.READY)
        == 1;
  }

  /**
   * Stores the end of an upload.
   *
   * @throws IllegalStateException if the upload was deleted meanwhile
   */
  void end(long id, List<UploadColumn> columns, long lines, long bytes, List<LineError> errors) {
    transactions.sql(
        connection -> {
          // Locks the upload, so that it is not deleted without its errors.
          int found =
              Rows.update(
                  connection,
                  "UPDATE upload SET status = ?, file_columns = ?, line_count = ?, byte_count = ?,"
                      + " error_count = ?, expires_at = ? WHERE id = ? AND status = ?",
                  errors.isEmpty() ? Upload.Status.READY : Upload.Status.REJECTED,
                  json(columns),
                  lines,
                  bytes,
                  errors.size(),
                  clock.instant().plus(config.retention()),
                  id,
                  Upload.Status.LOADING);
          if (found == 0) {
            throw new IllegalStateException("upload " + id + " was deleted while it was received");
          }
          insert(connection, id, errors);
          return found;
        });
  }

  private static void insert(Connection connection, long id, List<LineError> errors)
      throws SQLException {
    for (int from = 0; from < errors.size(); from += ROWS_A_STATEMENT) {
      List<LineError> some = errors.subList(from, Math.min(errors.size(), from + ROWS_A_STATEMENT));
      List<@Nullable Object> values = new ArrayList<>();
      for (LineError error : some) {
        values.add(id);
        values.add(error.line());
        values.add(shortened(error.message()));
      }
      Rows.update(
          connection,
          "INSERT INTO upload_error (upload, line, message) VALUES " + Rows.lists(some.size(), 3),
          values.toArray());
    }
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE);
  }

  /** Returns an upload; empty if there is none. */
  public Optional<Upload> find(long id) {
    return transactions.read(connection -> find(connection, id));
  }

  /** Returns an upload as {@link #find(long)} does. */
  static Optional<Upload> find(Connection connection, long id) throws SQLException {
    return Rows.first(
        connection,
        READ + " WHERE id = ? AND status <> ?",
        Uploads::upload,
        id,
        Upload.Status.DELETED);
  }

  /** Returns all uploads, the newest first, with those that are being deleted. */
  public List<Upload> all() {
    return transactions.read(
        connection -> Rows.query(connection, READ + " ORDER BY id DESC", Uploads::upload));
  }

  /**
   * Returns a page of uploads, the newest first.
   *
   * @param before only uploads with lower ids; null for all
   */
  public Page<Upload> list(Predicate<Upload> seen, @Nullable Long before, int limit) {
    List<Upload> found =
        all().stream()
            .filter(upload -> upload.status() != Upload.Status.DELETED)
            .filter(upload -> before == null || upload.id() < before)
            .filter(seen)
            .limit(limit + 1L)
            .toList();
    return Page.of(found, limit, Upload::id);
  }

  /** Returns a page of the errors of an upload, in the order in which they were found. */
  public Page<LineError> errors(long upload, long after, int limit) {
    List<LineError> found =
        transactions.read(
            connection ->
                Rows.query(
                    connection,
                    "SELECT id, line, message FROM upload_error WHERE upload = ? AND id > ?"
                        + " ORDER BY id LIMIT ?",
                    row -> new LineError(row.getLong(1), row.getLong(2), row.getString(3)),
                    upload,
                    after,
                    limit + 1));
    return Page.of(found, limit, LineError::id);
  }

  /**
   * Deletes an upload with its rows and errors; does nothing if there is none. A batch that still
   * needs it fails.
   */
  public void delete(long id) {
    deleteUnless(id, () -> false);
  }

  /**
   * Deletes an upload, unless a batch needs it. No such batch is stored meanwhile: either it is
   * stored before, or its start finds no upload.
   *
   * @param needed returns whether a batch needs it; called while the upload is locked
   * @return whether it is deleted
   */
  boolean deleteUnless(long id, BooleanSupplier needed) {
    boolean free =
        transactions.sql(
            connection -> {
              Rows.first(
                  connection, "SELECT id FROM upload WHERE id = ? FOR UPDATE", row -> true, id);
              if (needed.getAsBoolean()) {
                return false;
              }
              Rows.update(
                  connection,
                  "UPDATE upload SET status = ? WHERE id = ?",
                  Upload.Status.DELETED,
                  id);
              return true;
            });
    if (free) {
      dropRows(id);
      transactions.sql(
          connection -> {
            Rows.update(connection, "DELETE FROM upload_error WHERE upload = ?", id);
            return Rows.update(connection, "DELETE FROM upload WHERE id = ?", id);
          });
    }
    return free;
  }

  /** Drops the table with the rows of an upload. */
  void dropRows(long id) {
    transactions.read(
        connection ->
            Rows.update(
                connection, "DROP TABLE IF EXISTS " + TableName.quoted(Upload.rowsTable(id))));
  }

  /** Stores that a batch uses an upload. */
  void usedBy(long id, long batch) {
    transactions.sql(
        connection ->
            Rows.update(connection, "UPDATE upload SET batch = ? WHERE id = ?", batch, id));
  }

  /** Stores that the values of some columns are unique together. */
  void unique(long id, String columns) {
    transactions.sql(
        connection ->
            Rows.update(
                connection, "UPDATE upload SET unique_columns = ? WHERE id = ?", columns, id));
  }

  private static Upload upload(ResultSet row) throws SQLException {
    return new Upload(
        row.getLong("id"),
        row.getString("project"),
        new TableName(row.getString("table_schema"), row.getString("table_name")),
        FileFormat.valueOf(row.getString("format")),
        Upload.Status.valueOf(row.getString("status")),
        columns(row.getString("file_columns")),
        row.getLong("line_count"),
        row.getLong("byte_count"),
        row.getInt("error_count"),
        Objects.requireNonNull(Rows.time(row, "created_at")),
        row.getString("created_by"),
        Objects.requireNonNull(Rows.time(row, "seen_at")),
        Objects.requireNonNull(Rows.time(row, "expires_at")),
        row.getString("unique_columns"),
        row.getObject("batch", Long.class));
  }

  private static List<UploadColumn> columns(String stored) {
    try {
      return JSON.readValue(stored, new TypeReference<List<UploadColumn>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the columns of an upload can't be read", e);
    }
  }

  private static String json(List<UploadColumn> columns) {
    try {
      return JSON.writeValueAsString(columns);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the columns of an upload can't be stored", e);
    }
  }
}
