package dev.rowmill.sql;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.plan.PlannedCount;
import dev.rowmill.sql.plan.SqlPlanner;
import dev.rowmill.sql.run.SelectRun;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.ServerErrorTranslator;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Represents a query for the rows of one table, {@code SELECT a, b FROM s.t WHERE …}, as a task
 * checks, counts and plans it. All methods may throw the refusals of {@link
 * ChunkableStatement#compileRows}. Immutable.
 */
public record RowQuery(
    ParsedStatement parsed, SqlParameters parameters, String project, StatementScope scope) {

  /**
   * Returns a query whose rows are only read.
   *
   * @throws Refusal {@code unsupported-statement} if its text is no such query
   */
  public static RowQuery reading(SqlParameters parameters, String project, StatementScope scope) {
    return new RowQuery(StatementParser.parseRows(parameters.sql()), parameters, project, scope);
  }

  /**
   * Returns a query whose rows others then change.
   *
   * @param values values by name, of which the query need not use all
   * @throws Refusal {@code unsupported-statement} if its text is no such query
   */
  public static RowQuery exchanging(
      String select, Map<String, @Nullable Object> values, String project, StatementScope scope) {
    ParsedStatement parsed = StatementParser.parseExchange(select);
    Map<String, @Nullable Object> used = new LinkedHashMap<>(values);
    used.keySet()
        .removeIf(name -> parsed.parameters().stream().noneMatch(use -> use.name().equals(name)));
    return new RowQuery(parsed, new SqlParameters(select, used, null), project, scope);
  }

  /** Checks the query against its table. */
  public ChunkableStatement compile(Connection connection) throws SQLException {
    return ChunkableStatement.compileRows(parsed, parameters, project, connection, scope);
  }

  /** Checks the query against its table, and lets the server check it without running it. */
  public void check(Connection connection) throws SQLException {
    ChunkableStatement statement = compile(connection);
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

  /** Counts the rows, as {@link PlannedCount} does. */
  public Plan.Count planned(Connection connection, long most, long millis) throws SQLException {
    ChunkableStatement statement = compile(connection);
    try {
      return PlannedCount.of(statement, connection, most, millis);
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, statement);
    }
  }

  public Plan plan(Connection connection, Plan.Sizing sizing) throws SQLException {
    ChunkableStatement statement = compile(connection);
    try {
      return SqlPlanner.plan(statement, connection, sizing);
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, statement);
    }
  }

  /**
   * Returns the facts on which a plan depends.
   *
   * @param count whether to count the rows
   */
  public Plan.Basis basis(Connection connection, boolean count) throws SQLException {
    Optional<ChunkableStatement> statement = Optional.empty();
    if (count) {
      try {
        statement = Optional.of(compile(connection));
      } catch (Refusal changed) {
        // The table's definition shows what changed and now prevents the query from running.
      }
    }
    return SqlPlanner.basis(statement, parsed, connection);
  }

  /** Returns the definition of the tables that the query reads, even if it can't run. */
  public Definition definition(Connection connection) throws SQLException {
    return ChunkableStatement.definition(parsed, connection, scope);
  }
}
