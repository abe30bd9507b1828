package dev.rowmill.upload;

import dev.rowmill.database.Rows;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.FileChange;
import dev.rowmill.sql.run.FileRun;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.RunState;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Changes a table by the lines of an upload, chunk by chunk. Thread-safe.
 *
 * <p>Rejects with {@code unknown-upload}, {@code unknown-table} and {@code upload-mismatch}.
 */
@Singleton
public class UploadTask implements ChunkedTask<UploadParameters> {

  public static final String NAME = "upload";

  /** Limits the lines that a refusal names. */
  private static final int MOST_LINES = 10;

  /** Limits how long a start waits for the check of the keys, which the run does otherwise. */
  private static final int CHECK_SECONDS = 5;

  private final javax.sql.DataSource data;
  private final Uploads uploads;
  private final StatementScope scope;

  UploadTask(
      @DataSource("data") javax.sql.DataSource data, Uploads uploads, StatementScopeConfig scope) {
    this.data = data;
    this.uploads = uploads;
    this.scope = StatementScope.of(scope);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Changes a table by the lines of an uploaded file.";
  }

  @Override
  public Class<UploadParameters> parametersType() {
    return UploadParameters.class;
  }

  @Override
  public boolean choosesRows() {
    return true;
  }

  private static Upload upload(UploadParameters parameters, String project, Connection connection)
      throws SQLException {
    Optional<Long> number = Upload.number(parameters.upload());
    Optional<Upload> found =
        number.isPresent() ? Uploads.find(connection, number.get()) : Optional.empty();
    Upload upload =
        found
            .filter(each -> each.project().equals(project))
            .orElseThrow(
                () -> new Refusal("unknown-upload", Map.of("upload", parameters.upload())));
    if (upload.status() != Upload.Status.READY) {
      throw mismatch(upload, Reason.of("upload-not-ready", "status", upload.status().text()));
    }
    return upload;
  }

  private static Refusal mismatch(Upload upload, Reason reason) {
    return new Refusal("upload-mismatch", Map.of("upload", upload.name()), List.of(reason));
  }

  private FileChange change(UploadParameters parameters, String project, Connection connection)
      throws SQLException {
    return new UploadChange(upload(parameters, project, connection), parameters, connection, scope)
        .change();
  }

  @Override
  public void check(UploadParameters parameters, String project, Connection connection)
      throws SQLException {
    Upload upload = upload(parameters, project, connection);
    FileChange change = new UploadChange(upload, parameters, connection, scope).change();
    try {
      checkKeys(upload, change, connection, CHECK_SECONDS);
    } catch (SQLTimeoutException e) {
      // The run checks it before it changes anything.
      return;
    }
  }

  /**
   * Checks that no two lines have the same key, and that no line without a key is to be inserted.
   *
   * @param seconds time that a query may take; 0 for any time
   */
  private void checkKeys(Upload upload, FileChange change, Connection connection, int seconds)
      throws SQLException {
    String columns =
        change.action().inserts()
            + ":"
            + change.match().stream()
                .map(FileChange.Pair::source)
                .sorted()
                .collect(Collectors.joining(","));
    if (columns.equals(upload.uniqueColumns())) {
      return;
    }
    List<String> same =
        texts(
            connection,
            change.duplicates(MOST_LINES),
            seconds,
            row -> row.getString(1) + " = " + row.getString(2));
    if (!same.isEmpty()) {
      throw mismatch(upload, Reason.of("upload-duplicates", "lines", String.join(", ", same)));
    }
    if (change.action().inserts()) {
      List<String> none =
          texts(connection, change.linesWithoutKey(MOST_LINES), seconds, row -> row.getString(1));
      if (!none.isEmpty()) {
        throw mismatch(upload, Reason.of("upload-no-key", "lines", String.join(", ", none)));
      }
    }
    uploads.unique(upload.id(), columns);
  }

  private static List<String> texts(
      Connection connection, String sql, int seconds, Rows.Mapper<String> mapper)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setQueryTimeout(seconds);
      try (ResultSet row = query.executeQuery()) {
        List<String> texts = new ArrayList<>();
        while (row.next()) {
          texts.add(mapper.map(row));
        }
        return texts;
      }
    }
  }

  @Override
  public void checkUndoable(UploadParameters parameters, String project, Connection connection)
      throws SQLException {
    Optional<Refusal> refused =
        FileRun.undoRefusal(connection, change(parameters, project, connection));
    if (refused.isPresent()) {
      throw refused.get();
    }
  }

  /** Returns the number of lines; a line changes no row, one, or several. */
  @Override
  public Optional<Plan.Count> planned(
      UploadParameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return Optional.of(new Plan.Count(upload(parameters, project, connection).lines(), false));
  }

  @Override
  public Optional<Plan> plan(
      UploadParameters parameters, String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    Upload upload = upload(parameters, project, connection);
    FileChange change = new UploadChange(upload, parameters, connection, scope).change();
    return Optional.of(
        new UploadPlanner(upload, change, connection)
            .plan(sizing, definitionOf(change.target(), change, connection)));
  }

  @Override
  public Optional<Plan.Basis> basis(
      UploadParameters parameters, String project, Connection connection, boolean count)
      throws SQLException {
    return definition(parameters, project, connection)
        .map(definition -> new Plan.Basis(definition, java.util.OptionalLong.empty()));
  }

  @Override
  public Optional<Definition> definition(
      UploadParameters parameters, String project, Connection connection) throws SQLException {
    FileChange change = change(parameters, project, connection);
    return Optional.of(definitionOf(change.target(), change, connection));
  }

  private Definition definitionOf(TableName table, FileChange change, Connection connection)
      throws SQLException {
    String column = TableName.quoted(change.match().get(0).column().name());
    String statement =
        change.action() == FileChange.Action.DELETE
            ? "DELETE FROM " + table.quoted() + " WHERE TRUE"
            : "UPDATE " + table.quoted() + " SET " + column + " = NULL WHERE TRUE";
    return ChunkableStatement.definition(ChunkableStatement.parsed(statement), connection, scope);
  }

  @Override
  public void prepare(UploadParameters parameters, RunState run) throws SQLException {
    try (Connection connection = data.getConnection()) {
      Upload upload = upload(parameters, run.project(), connection);
      uploads.usedBy(upload.id(), run.batch());
      checkKeys(
          upload, new UploadChange(upload, parameters, connection, scope).change(), connection, 0);
    }
  }

  @Override
  public ChunkedRun open(UploadParameters parameters, String project, Connection connection)
      throws SQLException {
    Upload upload = upload(parameters, project, connection);
    return new FileRun(
        new UploadChange(upload, parameters, connection, scope).change(), upload.lines());
  }
}
