package dev.rowmill.sql;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.plan.PlannedCount;
import dev.rowmill.sql.plan.SqlPlanner;
import dev.rowmill.sql.run.ListedRun;
import dev.rowmill.sql.run.SkipRefusal;
import dev.rowmill.sql.run.SqlChunkedRun;
import dev.rowmill.sql.run.UndividedRun;
import dev.rowmill.sql.run.UndoRefusal;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.ServerErrorTranslator;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.statement.StatementRenderer.Rendered;
import dev.rowmill.sql.statement.UndividedConfig;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.RowList;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Runs one UPDATE, DELETE or INSERT … SELECT, one range of its table's key after the other.
 * Thread-safe.
 *
 * <p>Rejects with {@code unsupported-statement}, {@code unknown-table}, {@code no-usable-key} and
 * {@code parameter-mismatch}.
 */
@Singleton
public class SqlTask implements ChunkedTask<SqlParameters> {

  private final CheckedStatements checked = new CheckedStatements();
  private final FrequentStatements frequent = new FrequentStatements(System::nanoTime);

  /** Caches the statements of runs, which are compiled and need not pass the whole check. */
  private final FrequentStatements compiled = new FrequentStatements(System::nanoTime);

  private final StatementScope scope;
  private final int undividedRows;

  @Inject
  public SqlTask(StatementScopeConfig scope, UndividedConfig undivided) {
    this(StatementScope.of(scope), undivided.maxRows());
  }

  /**
   * @param undividedRows maximum number of rows of each table of a statement that runs undivided
   */
  public SqlTask(StatementScope scope, int undividedRows) {
    this.scope = scope;
    this.undividedRows = undividedRows;
  }

  @Override
  public String name() {
    return "sql";
  }

  @Override
  public String description() {
    return "Runs one statement that changes one table, chunk by chunk.";
  }

  @Override
  public Class<SqlParameters> parametersType() {
    return SqlParameters.class;
  }

  @Override
  public void check(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    ChunkableStatement statement = compile(parameters, project, connection);
    ChunkQueries queries = new ChunkQueries(statement, null);
    try {
      columnCount(statement, connection);
      prepare(connection, queries.apply(true).sql());
      if (!statement.isUndivided()) {
        prepare(connection, queries.boundary(true));
      }
      conditionOfOneRow(queries, connection);
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, statement);
    }
    if (CheckedStatements.isSmall(statement)) {
      checked.put(parameters, project, statement);
      if (parameters.walk() == null) {
        frequent.passed(parameters.sql(), statement);
        compiled.passed(parameters.sql(), statement);
      }
    }
  }

  @Override
  public void checkUndoable(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    Optional<Refusal> refused =
        UndoRefusal.of(connection, compile(parameters, project, connection));
    if (refused.isPresent()) {
      throw refused.get();
    }
  }

  @Override
  public void checkSkippable(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    Optional<Refusal> refused = SkipRefusal.of(compile(parameters, project, connection));
    if (refused.isPresent()) {
      throw refused.get();
    }
  }

  @Override
  public OptionalLong residual(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    return RemainingRows.meansSomething(ChunkableStatement.parsed(parameters.sql()))
        ? RemainingRows.count(connection, compile(parameters, project, connection))
        : OptionalLong.empty();
  }

  @Override
  public Optional<Plan.Count> planned(
      SqlParameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    ChunkableStatement statement = compile(parameters, project, connection);
    try {
      return Optional.of(PlannedCount.of(statement, connection, most, millis));
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, statement);
    }
  }

  @Override
  public boolean isOfWholeTable(SqlParameters parameters) {
    return ChunkableStatement.parsed(parameters.sql()).where() == null;
  }

  @Override
  public boolean ignoresErrors(SqlParameters parameters) {
    return ChunkableStatement.parsed(parameters.sql()).ignore();
  }

  @Override
  public boolean passedRecently(SqlParameters parameters, String project) {
    Optional<ChunkableStatement> known = find(frequent, parameters, project);
    known.ifPresent(statement -> checked.put(parameters, project, statement));
    return known.isPresent();
  }

  /** Returns a statement with the values of a request; empty if it must be compiled. */
  private static Optional<ChunkableStatement> find(
      FrequentStatements among, SqlParameters parameters, String project) {
    Rendered rendered =
        ChunkableStatement.render(parameters.sql(), parameters.parameters(), project);
    if (parameters.walk() != null || !rendered.whole().isSettled()) {
      return Optional.empty();
    }
    return among
        .find(parameters.sql(), rendered.whole().sql())
        .map(statement -> statement.with(rendered, parameters.parameters()));
  }

  /**
   * Evaluates a condition that contains bytes for one row. Servers compare bytes that are not valid
   * text with a text column only through an index, and fail for each row otherwise.
   */
  private static void conditionOfOneRow(ChunkQueries queries, Connection connection)
      throws SQLException {
    Optional<RangeQuery> query = queries.conditionOfOneRow();
    if (query.isEmpty()) {
      return;
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            RunStatements.commented(query.get().sql(), RunStatements.ANONYMOUS))) {
      BoundText.bind(select, query.get().before());
      select.executeQuery().close();
    }
  }

  /**
   * Compares the numbers of columns and values before the whole statement is prepared. MariaDB
   * would report a difference only when the first chunk runs, and MySQL with a message of its own.
   */
  private static void columnCount(ChunkableStatement statement, Connection connection)
      throws SQLException {
    if (!statement.parsed().kind().inserts()) {
      return;
    }
    try (PreparedStatement query =
        connection
            .unwrap(JdbcConnection.class)
            .serverPrepareStatement(statement.rendered().query().sql())) {
      ResultSetMetaData columns = query.getMetaData();
      if (columns != null && columns.getColumnCount() != statement.assigned().size()) {
        throw StatementParser.refusal(Set.of(Reason.of("column-count")));
      }
    }
  }

  // Bypasses the driver's prepareStatement, which emulates what the server refuses to prepare.
  private static void prepare(Connection connection, String sql) throws SQLException {
    try (PreparedStatement prepared =
        connection.isWrapperFor(JdbcConnection.class)
            ? connection.unwrap(JdbcConnection.class).serverPrepareStatement(sql)
            : connection.prepareStatement(sql)) {
      prepared.getParameterMetaData();
    }
  }

  @Override
  public ChunkedRun open(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    ChunkableStatement statement = ofRun(parameters, project, connection);
    if (statement.isUndivided()) {
      return new UndividedRun(statement);
    }
    if (statement.findsOneRow()) {
      String index = TableName.quoted(statement.key().index());
      return new SqlChunkedRun(new ChunkQueries(statement, index), 1);
    }
    WalkPlan walk = WalkPlan.of(statement, connection);
    return new SqlChunkedRun(walk.queries(), walk.rows());
  }

  /**
   * Checks that a statement can run on listed rows.
   *
   * @param first one of the rows
   * @throws Refusal if it can't, as when the table has another key now
   */
  public void checkListed(
      SqlParameters parameters, String project, Connection connection, RowKey first)
      throws SQLException {
    ChunkableStatement statement = compile(parameters, project, connection);
    Optional<Refusal> refused = SkipRefusal.of(statement);
    if (refused.isPresent()) {
      throw refused.get();
    }
    WalkedRows.of(statement.key(), List.of(first.cursor()));
  }

  /** Begins or resumes a batch on listed rows only, as {@link #open} does on all rows. */
  public ChunkedRun openListed(
      SqlParameters parameters, String project, Connection connection, RowList rows)
      throws SQLException {
    return new ListedRun(ofRun(parameters, project, connection), rows);
  }

  private ChunkableStatement ofRun(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    // A run that begins right after its start need not read the catalog again, nor need one of many
    // runs of the same statement.
    Optional<ChunkableStatement> known =
        checked.find(parameters, project).or(() -> find(compiled, parameters, project));
    if (known.isPresent()) {
      return known.get();
    }
    ChunkableStatement statement = compile(parameters, project, connection);
    if (parameters.walk() == null && CheckedStatements.isSmall(statement)) {
      compiled.passed(parameters.sql(), statement);
    }
    return statement;
  }

  @Override
  public Optional<Plan> plan(
      SqlParameters parameters, String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    ChunkableStatement statement = compile(parameters, project, connection);
    try {
      return Optional.of(SqlPlanner.plan(statement, connection, sizing));
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, statement);
    }
  }

  @Override
  public Optional<Plan.Basis> basis(
      SqlParameters parameters, String project, Connection connection, boolean count)
      throws SQLException {
    Optional<ChunkableStatement> statement = Optional.empty();
    if (count) {
      try {
        statement = Optional.of(compile(parameters, project, connection));
      } catch (Refusal changed) {
        // The table's definition shows what changed and now prevents the statement from running.
      }
    }
    return Optional.of(
        SqlPlanner.basis(statement, ChunkableStatement.parsed(parameters.sql()), connection));
  }

  @Override
  public Optional<Definition> definition(
      SqlParameters parameters, String project, Connection connection) throws SQLException {
    try {
      return definition(compile(parameters, project, connection));
    } catch (Refusal changed) {
      // A changed definition may be the reason why the statement can no longer run.
      return Optional.of(
          ChunkableStatement.definition(
              ChunkableStatement.parsed(parameters.sql()), connection, scope));
    }
  }

  @Override
  public Optional<Definition> checkedDefinition(SqlParameters parameters, String project) {
    return checked.find(parameters, project).flatMap(SqlTask::definition);
  }

  private static Optional<Definition> definition(ChunkableStatement statement) {
    return Optional.ofNullable(statement.derived().get(Definition.class));
  }

  /** Returns the tables and functions that statements may use. */
  public StatementScope scope() {
    return scope;
  }

  /**
   * Returns a statement that has passed all checks except the prepare on the server.
   *
   * @throws Refusal if it can't run
   */
  public ChunkableStatement compile(SqlParameters parameters, String project, Connection connection)
      throws SQLException {
    return ChunkableStatement.compile(parameters, project, connection, scope, undividedRows);
  }
}
