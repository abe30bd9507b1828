package dev.rowmill.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.RowQuery;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.SelectRun;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.RunState;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Writes the rows of a query over one table to files, one for each chunk. Changes no row, so there
 * is nothing to undo. Thread-safe.
 */
@Singleton
public class ExportTask implements ChunkedTask<ExportParameters> {

  public static final String NAME = "export";

  private final StatementScope scope;
  private final ExportTargets targets;
  private final ExportManifests manifests;
  private final javax.sql.DataSource data;

  ExportTask(
      StatementScopeConfig scope,
      ExportTargets targets,
      ExportManifests manifests,
      @DataSource("data") javax.sql.DataSource data) {
    this.scope = StatementScope.of(scope);
    this.targets = targets;
    this.manifests = manifests;
    this.data = data;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Writes the rows of a query over one table to files.";
  }

  @Override
  public Class<ExportParameters> parametersType() {
    return ExportParameters.class;
  }

  @Override
  public boolean choosesRows() {
    return true;
  }

  private RowQuery query(ExportParameters parameters, String project) {
    return RowQuery.reading(parameters.statement(), project, scope);
  }

  @Override
  public void check(ExportParameters parameters, String project, Connection connection)
      throws SQLException {
    targets.check(parameters.to());
    query(parameters, project).check(connection);
  }

  @Override
  public Optional<Plan.Count> planned(
      ExportParameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return Optional.of(query(parameters, project).planned(connection, most, millis));
  }

  @Override
  public Optional<Plan> plan(
      ExportParameters parameters, String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    return Optional.of(query(parameters, project).plan(connection, sizing));
  }

  @Override
  public Optional<Plan.Basis> basis(
      ExportParameters parameters, String project, Connection connection, boolean count)
      throws SQLException {
    return Optional.of(query(parameters, project).basis(connection, count));
  }

  @Override
  public Optional<Definition> definition(
      ExportParameters parameters, String project, Connection connection) throws SQLException {
    return Optional.of(query(parameters, project).definition(connection));
  }

  @Override
  public ChunkedRun open(ExportParameters parameters, String project, Connection connection)
      throws SQLException {
    return new ExportRun(
        parameters,
        targets,
        SelectRun.open(query(parameters, project).compile(connection), connection));
  }

  /** Writes the manifest. */
  @Override
  public void finish(ExportParameters parameters, RunState run) throws SQLException {
    try (Connection connection = data.getConnection()) {
      ChunkableStatement statement = query(parameters, run.project()).compile(connection);
      List<ImageColumn> columns = SelectRun.columns(statement, connection);
      ExportedPart.checkColumns(connection, run.batch(), columns, statement.table().written());
      ObjectNode written =
          JsonNodeFactory.instance
              .objectNode()
              .put("format", parameters.format())
              .put("select", parameters.select());
      ExportManifests.describe(
          written, statement.table(), columns, parameters.fileFormat(), connection);
      manifests.complete(written, targets.open(parameters.to(), run.batch()), run, connection);
    }
  }
}
