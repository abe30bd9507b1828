package dev.rowmill.sql;

import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.plan.PlannedCount;
import dev.rowmill.sql.plan.SqlPlanner;
import dev.rowmill.sql.run.ExchangedTable;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.RowExchange;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.ServerErrorTranslator;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal.Reason;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles queries of plain columns of one table: {@code SELECT a, b FROM s.t WHERE …}. Their rows
 * may be deleted and updated, so a query is checked as the DELETE of the same rows. Thread-safe.
 */
@Singleton
public class RowQueries {

  private static final String NAME = "(?:\\w+|`(?:[^`]|``)+`)";

  private static final String COLUMN = "(?:" + NAME + "\\s*\\.\\s*)*" + NAME;

  private static final Pattern QUERY =
      Pattern.compile(
          "\\s*SELECT\\s+(?<columns>\\*|"
              + COLUMN
              + "(?:\\s*,\\s*"
              + COLUMN
              + ")*)\\s+FROM\\s+(?<rows>.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL | Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern LAST_NAME = Pattern.compile(NAME + "$");

  /** Limits the time of the check of a query, in milliseconds. */
  private static final long CHECK_MILLIS = 1000;

  private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");

  /**
   * Represents a compiled query.
   *
   * @param rows statement that walks its rows
   */
  public record RowQuery(ChunkableStatement rows, ExchangedTable table) {

    /** Returns the definition of its table. */
    public Definition definition() {
      return Objects.requireNonNull(rows.derived().get(Definition.class));
    }

    /** Opens an exchange of its rows. */
    public RowExchange open(Connection connection) throws SQLException {
      return new RowExchange(WalkPlan.of(rows, connection), table);
    }

    /** Returns a plan of the deletion of its rows as one of the query. */
    private Plan shown(Plan plan) {
      String statement = plan.statement();
      List<String> columns =
          Stream.concat(table.keys().stream(), table.selected().stream())
              .map(ImageColumn::name)
              .distinct()
              .toList();
      return new Plan(
          "SELECT "
              + columns.stream().map(TableName::quoted).collect(Collectors.joining(", "))
              + statement.substring(statement.indexOf(" FROM ")),
          plan.values(),
          plan.key(),
          plan.first(),
          plan.last(),
          plan.rows(),
          plan.matching(),
          plan.walked(),
          plan.chunks(),
          plan.explain(),
          plan.warnings(),
          plan.sample().stream().map(row -> given(row, columns)).toList(),
          plan.rowBytes(),
          plan.sizeKey(),
          plan.basis(),
          null);
    }

    private static Plan.Row given(Plan.Row row, List<String> columns) {
      Map<String, @Nullable Object> before = new LinkedHashMap<>();
      if (row.before() != null) {
        columns.forEach(column -> before.put(column, row.before().get(column)));
      }
      return new Plan.Row(before, null);
    }
  }

  private final StatementScope scope;

  RowQueries(StatementScopeConfig scope) {
    this.scope = StatementScope.of(scope);
  }

  /**
   * Compiles a query.
   *
   * @param values values by name, of which the query need not use all
   * @throws dev.rowmill.task.Refusal if its rows can't be walked, as for a statement
   */
  public RowQuery compile(
      String select, Map<String, @Nullable Object> values, String project, Connection connection)
      throws SQLException {
    Matcher query = QUERY.matcher(select);
    if (!query.matches()) {
      throw StatementParser.refusal(Set.of(Reason.of("select-form")));
    }
    String delete = "DELETE FROM " + query.group("rows");
    Map<String, @Nullable Object> used = new LinkedHashMap<>();
    Matcher parameter = PARAMETER.matcher(delete);
    while (parameter.find()) {
      if (values.containsKey(parameter.group(1))) {
        used.put(parameter.group(1), values.get(parameter.group(1)));
      }
    }
    ChunkableStatement rows =
        ChunkableStatement.compile(
            new SqlParameters(delete, used, null), project, connection, scope, 0);
    if (rows.isUndivided() || rows.hasSeveralSources() || rows.parsed().orderAndLimit() != null) {
      throw StatementParser.refusal(Set.of(Reason.of("select-form")));
    }
    return new RowQuery(rows, ExchangedTable.of(connection, rows, names(query.group("columns"))));
  }

  /** Returns whether a query has no condition. */
  public boolean isOfWholeTable(String select) {
    Matcher query = QUERY.matcher(select);
    return query.matches()
        && ChunkableStatement.parsed("DELETE FROM " + query.group("rows")).where() == null;
  }

  /** Lets the server check a query, without running it. */
  public void check(RowQuery query, Connection connection) throws SQLException {
    try {
      PlannedCount.of(query.rows(), connection, 0, CHECK_MILLIS);
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, query.rows());
    }
  }

  /** Counts the rows of a query, as {@link PlannedCount} does. */
  public Plan.Count planned(RowQuery query, Connection connection, long most, long millis)
      throws SQLException {
    try {
      return PlannedCount.of(query.rows(), connection, most, millis);
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, query.rows());
    }
  }

  /**
   * Plans a query. The sample has rows as they would be given.
   *
   * @param rows number of rows of a chunk
   */
  public Plan plan(RowQuery query, Connection connection, int rows) throws SQLException {
    try {
      return query.shown(SqlPlanner.plan(query.rows(), connection, (key, walked) -> rows));
    } catch (SQLException e) {
      throw ServerErrorTranslator.refusal(e, query.rows());
    }
  }

  /** Returns the facts on which a plan of a query depends. */
  public Plan.Basis basis(RowQuery query, Connection connection, boolean count)
      throws SQLException {
    return SqlPlanner.basis(
        count ? Optional.of(query.rows()) : Optional.empty(), query.rows().parsed(), connection);
  }

  private static List<String> names(String columns) {
    List<String> names = new ArrayList<>();
    if (columns.equals("*")) {
      return names;
    }
    for (String column : columns.split(",(?=(?:[^`]*`[^`]*`)*[^`]*$)")) {
      Matcher name = LAST_NAME.matcher(column.strip());
      if (name.find()) {
        String written = name.group();
        names.add(
            written.startsWith("`")
                ? written.substring(1, written.length() - 1).replace("``", "`")
                : written);
      }
    }
    return names;
  }
}
