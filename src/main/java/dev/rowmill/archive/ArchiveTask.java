package dev.rowmill.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.archive.ArchiveParameters.Files;
import dev.rowmill.export.ExportManifests;
import dev.rowmill.export.ExportTargets;
import dev.rowmill.files.ExactRows;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.StatementTask;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.RunState;
import io.quarkus.agroal.DataSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Moves rows of a table to another one on the same server, or to files. Each chunk copies its rows
 * and deletes them in one transaction. Everything but the copy is as for a DELETE. Thread-safe.
 */
@Singleton
public class ArchiveTask extends StatementTask<ArchiveParameters> {

  public static final String NAME = "archive";

  private final javax.sql.DataSource data;
  private final ExportTargets targets;
  private final ExportManifests manifests;

  @Inject
  ArchiveTask(
      SqlTask sql,
      @DataSource("data") javax.sql.DataSource data,
      ExportTargets targets,
      ExportManifests manifests) {
    this(
        sql,
        data,
        targets,
        manifests,
        NAME,
        "Moves rows of a table, with their child rows, to other tables or to files.");
  }

  ArchiveTask(
      SqlTask sql,
      javax.sql.DataSource data,
      ExportTargets targets,
      ExportManifests manifests,
      String name,
      String description) {
    super(sql, name, description, ArchiveParameters.class);
    this.data = data;
    this.targets = targets;
    this.manifests = manifests;
  }

  @Override
  public boolean choosesRows() {
    return true;
  }

  @Override
  public Map<String, String> violations(ArchiveParameters parameters) {
    return parameters.violations();
  }

  @Override
  protected SqlParameters statement(ArchiveParameters parameters) {
    TableName source =
        ArchiveParameters.name(parameters.table())
            .orElseThrow(() -> new Refusal("unknown-table", Map.of("table", parameters.table())));
    return parameters.statement(source);
  }

  @Override
  public void check(ArchiveParameters parameters, String project, Connection connection)
      throws SQLException {
    Files files = parameters.to().files();
    if (files != null) {
      targets.check(files.place());
    }
    super.check(parameters, project, connection);
    tables(parameters, connection, compiled(parameters, project, connection));
  }

  @Override
  public void checkUndoable(ArchiveParameters parameters, String project, Connection connection)
      throws SQLException {
    ChunkableStatement statement = compiled(parameters, project, connection);
    List<MovedTable> tables = tables(parameters, connection, statement);
    Optional<Refusal> refused =
        new ArchiveUndo(sql, project, connection).refusal(statement, tables);
    if (refused.isPresent()) {
      throw refused.get();
    }
  }

  @Override
  public boolean isOfWholeTable(ArchiveParameters parameters) {
    return sql.isOfWholeTable(statement(parameters));
  }

  @Override
  public OptionalLong residual(ArchiveParameters parameters, String project, Connection connection)
      throws SQLException {
    return sql.residual(statement(parameters), project, connection);
  }

  @Override
  public Optional<Plan.Count> planned(
      ArchiveParameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return sql.planned(statement(parameters), project, connection, most, millis);
  }

  @Override
  public Optional<Plan> plan(
      ArchiveParameters parameters, String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    return sql.plan(statement(parameters), project, connection, sizing);
  }

  @Override
  public Optional<Plan.Basis> basis(
      ArchiveParameters parameters, String project, Connection connection, boolean count)
      throws SQLException {
    return sql.basis(statement(parameters), project, connection, count);
  }

  /** Creates the archive tables that are missing, on a connection of its own. */
  @Override
  public void prepare(ArchiveParameters parameters, RunState run) throws SQLException {
    if (!parameters.creates()) {
      return;
    }
    try (Connection connection = data.getConnection()) {
      ChunkableStatement statement = compiled(parameters, run.project(), connection);
      var tables = new MovedTables(parameters, connection, sql.scope());
      for (MovedTable missing : tables.missing(tables.find(statement))) {
        if (!run.mayContinue()) {
          return;
        }
        try (Statement create = connection.createStatement()) {
          create.execute(missing.create(run.batch()));
        }
      }
    }
  }

  @Override
  public ChunkedRun open(ArchiveParameters parameters, String project, Connection connection)
      throws SQLException {
    ChunkableStatement statement = compiled(parameters, project, connection);
    List<MovedTable> tables = tables(parameters, connection, statement);
    Files files = parameters.to().files();
    return new ArchiveRun(
        WalkPlan.of(statement, connection),
        tables,
        files == null
            ? (on, chunk, tag) -> new TableCopies(on)
            : new FileDestination(files, targets, tables),
        () -> new ArchiveUndo(sql, project, connection).read(statement, tables));
  }

  /** Writes the manifest of files. */
  @Override
  public void finish(ArchiveParameters parameters, RunState run) throws SQLException {
    Files files = parameters.to().files();
    if (files == null) {
      return;
    }
    try (Connection connection = data.getConnection()) {
      ObjectNode written = written(parameters, files);
      describe(written.putArray("tables"), parameters, files, run, connection);
      manifests.complete(written, targets.open(files.place(), run.batch()), run, connection);
    }
  }

  /** Writes the manifest of the files so far: their rows are deleted. */
  @Override
  public void interrupt(ArchiveParameters parameters, RunState run) throws SQLException {
    Files files = parameters.to().files();
    if (files == null) {
      return;
    }
    try (Connection connection = data.getConnection()) {
      ObjectNode written = written(parameters, files);
      try {
        describe(written.putArray("tables"), parameters, files, run, connection);
      } catch (Refusal e) {
        // The tables are no longer as the files have them, which may be why the batch has failed.
        written.putArray("tables");
      }
      manifests.interrupt(written, targets.open(files.place(), run.batch()), run, connection);
    }
  }

  private static ObjectNode written(ArchiveParameters parameters, Files files) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("format", files.format())
        .put("where", parameters.where());
  }

  private void describe(
      ArrayNode all, ArchiveParameters parameters, Files files, RunState run, Connection connection)
      throws SQLException {
    ChunkableStatement statement = compiled(parameters, run.project(), connection);
    for (MovedTable table : tables(parameters, connection, statement)) {
      ExactRows rows = ExactRows.to(files.fileFormat(), table.columns());
      ExportManifests.describe(
          all.addObject(), table.from(), rows.columns(), files.fileFormat(), connection);
    }
  }

  private ChunkableStatement compiled(
      ArchiveParameters parameters, String project, Connection connection) throws SQLException {
    return sql.compile(statement(parameters), project, connection);
  }

  private List<MovedTable> tables(
      ArchiveParameters parameters, Connection connection, ChunkableStatement statement)
      throws SQLException {
    return new MovedTables(parameters, connection, sql.scope()).find(statement);
  }
}
