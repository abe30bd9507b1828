package dev.rowmill.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.plan.PlannedCount;
import dev.rowmill.sql.plan.SqlPlanner;
import dev.rowmill.sql.run.SelectRun;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.ServerErrorTranslator;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.RunState;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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

  private ChunkableStatement compile(
      ExportParameters parameters, String project, Connection connection) throws SQLException {
    return ChunkableStatement.compileRows(parameters.statement(), project, connection, scope);
  }

  @Override
  public void check(ExportParameters parameters, String project, Connection connection)
      throws SQLException {
    targets.check(parameters.to());
    ChunkableStatement statement = compile(parameters, project, connection);
    SelectRun.columns(statement, connection);
    // Bypasses the driver's prepareStatement, which emulates what the server refuses to prepare.
    try (PreparedStatement prepared =
        connection
            .unwrap(JdbcConnection.class)
            .serverPrepareStatement(new ChunkQueries(statement, null).apply(true).sql())) {
      prepared.getParameterMetaData();
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, statement);
    }
  }

  @Override
  public Optional<Plan.Count> planned(
      ExportParameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return Optional.of(
        PlannedCount.of(compile(parameters, project, connection), connection, most, millis));
  }

  @Override
  public Optional<Plan> plan(
      ExportParameters parameters, String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    return Optional.of(
        SqlPlanner.plan(compile(parameters, project, connection), connection, sizing));
  }

  @Override
  public Optional<Plan.Basis> basis(
      ExportParameters parameters, String project, Connection connection, boolean count)
      throws SQLException {
    Optional<ChunkableStatement> statement =
        count ? Optional.of(compile(parameters, project, connection)) : Optional.empty();
    return Optional.of(SqlPlanner.basis(statement, parsed(parameters), connection));
  }

  @Override
  public Optional<Definition> definition(
      ExportParameters parameters, String project, Connection connection) throws SQLException {
    return Optional.of(ChunkableStatement.definition(parsed(parameters), connection, scope));
  }

  private static ParsedStatement parsed(ExportParameters parameters) {
    return StatementParser.parseRows(parameters.select());
  }

  @Override
  public ChunkedRun open(ExportParameters parameters, String project, Connection connection)
      throws SQLException {
    return new ExportRun(
        parameters, targets, SelectRun.open(compile(parameters, project, connection), connection));
  }

  /** Writes the manifest. */
  @Override
  public void finish(ExportParameters parameters, RunState run) throws SQLException {
    try (Connection connection = data.getConnection()) {
      ChunkableStatement statement = compile(parameters, run.project(), connection);
      ObjectNode written =
          JsonNodeFactory.instance
              .objectNode()
              .put("format", parameters.format())
              .put("select", parameters.select());
      ExportManifests.describe(
          written,
          statement.table(),
          SelectRun.columns(statement, connection),
          parameters.fileFormat(),
          connection);
      manifests.complete(written, targets.open(parameters.to(), run.batch()), run, connection);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
