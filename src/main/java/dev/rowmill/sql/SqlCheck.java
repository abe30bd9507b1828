package dev.rowmill.sql;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.database.Connections;
import dev.rowmill.sql.parse.Findings;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ServerErrorTranslator;
import dev.rowmill.sql.statement.StatementRenderer;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.table.ViewTables;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.DataCheck;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs one SELECT in a read-only transaction, and checks whether it returns one true value, neither
 * NULL nor zero. Thread-safe.
 *
 * <p>Rejects with {@code unsupported-statement}, {@code unknown-table} and {@code
 * parameter-mismatch}.
 */
@Singleton
public class SqlCheck implements DataCheck {

  private static final int TIMEOUT_SECONDS = 10;
  private static final int LONGEST_SHOWN = 100;

  private final StatementScope scope;

  @Inject
  public SqlCheck(StatementScopeConfig config) {
    this(StatementScope.of(config));
  }

  public SqlCheck(StatementScope scope) {
    this.scope = scope;
  }

  /** Runs a query on a connection that can only read. */
  private interface Query<T> {
    T run() throws SQLException;
  }

  @Override
  public void prepare(
      String sql, Map<String, @Nullable Object> parameters, String project, Connection connection)
      throws SQLException {
    ParsedStatement parsed = StatementParser.parseCheck(sql);
    BoundText first = StatementRenderer.query(parsed, parameters, project, ValueTargets.NONE);
    mayRead(parsed, connection);
    BoundText query = settled(first, parsed, parameters, project, connection);
    Set<Reason> problems = query.problems(connection);
    if (!problems.isEmpty()) {
      throw StatementParser.refusal(problems);
    }
    reading(
        connection,
        () -> {
          // Bypasses the driver's prepareStatement, which emulates what the server refuses to
          // prepare.
          try (PreparedStatement prepared =
              connection.unwrap(JdbcConnection.class).serverPrepareStatement(query.sql())) {
            ResultSetMetaData columns = prepared.getMetaData();
            if (columns == null || columns.getColumnCount() != 1) {
              throw StatementParser.refusal(Set.of(Reason.of("one-column")));
            }
            return true;
          } catch (SQLException e) {
            throw ServerErrorTranslator.refusal(e, "?");
          }
        });
  }

  /** Returns the query with each value rendered for its comparison. */
  private static BoundText settled(
      BoundText query,
      ParsedStatement parsed,
      Map<String, @Nullable Object> parameters,
      String project,
      Connection connection)
      throws SQLException {
    if (query.isSettled()) {
      return query;
    }
    var catalog = new Catalog(connection);
    String schema = catalog.schema();
    List<List<TableDefinition.Column>> tables = new ArrayList<>();
    for (TableName table : parsed.subqueryTables()) {
      tables.add(catalog.columns(table.in(schema)));
    }
    return StatementRenderer.query(parsed, parameters, project, new ValueTargets(tables));
  }

  private void mayRead(ParsedStatement parsed, Connection connection) throws SQLException {
    var catalog = new Catalog(connection);
    String schema = catalog.schema();
    var findings = new Findings();
    scope.refused(parsed).forEach(findings::reject);
    for (String name : parsed.withNames()) {
      if (StatementScope.isOwn(name)) {
        findings.reject(Reason.of("with-name", "name", name));
      }
    }
    findings.refuseIfAny();
    var tables = new ViewTables(catalog, schema, scope);
    for (TableName table : parsed.subqueryTables()) {
      tables.of(table, catalog.usable(table, schema, scope));
    }
  }

  @Override
  public Optional<String> evaluate(
      String sql, Map<String, @Nullable Object> parameters, String project, Connection connection)
      throws SQLException {
    ParsedStatement parsed = StatementParser.parseCheck(sql);
    BoundText first = StatementRenderer.query(parsed, parameters, project, ValueTargets.NONE);
    // Checked at each run: a table that was readable before may have become a view.
    try {
      mayRead(parsed, connection);
    } catch (Refusal refused) {
      Object table = refused.members().get("table");
      throw new SQLException(
          table == null
              ? "The check is now rejected: " + refused.getMessage()
              : "Table " + table + " does not exist, or Rowmill may not use it",
          "42S02",
          refused);
    }
    BoundText query = settled(first, parsed, parameters, project, connection);
    return reading(
        connection,
        () -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  RunStatements.commented(query.sql(), "/* rowmill check */"))) {
            select.setQueryTimeout(TIMEOUT_SECONDS);
            select.setMaxRows(2);
            BoundText.bind(select, query.values());
            try (ResultSet row = select.executeQuery()) {
              return found(row);
            }
          }
        });
  }

  private static Optional<String> found(ResultSet row) throws SQLException {
    if (!row.next()) {
      return Optional.of("The check gave no row.");
    }
    Object value = row.getObject(1);
    String shown = row.getString(1);
    if (row.next()) {
      return Optional.of("The check gave more than one row.");
    }
    return isTrue(value)
        ? Optional.empty()
        : Optional.of("The check gave " + (shown == null ? "NULL" : shortened(shown)) + ".");
  }

  private static boolean isTrue(@Nullable Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof byte[] bits) {
      for (byte each : bits) {
        if (each != 0) {
          return true;
        }
      }
      return false;
    }
    try {
      return value != null && new BigDecimal(value.toString().strip()).signum() != 0;
    } catch (NumberFormatException e) {
      // Text that is not a number is false, as it is for the server.
      return false;
    }
  }

  private static String shortened(String text) {
    return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
  }

  /**
   * Runs a query in a read-only transaction, where any change is an error. Ends the transaction
   * even if the query fails.
   */
  private static <T> T reading(Connection connection, Query<T> query) throws SQLException {
    try (Statement transaction = connection.createStatement()) {
      transaction.execute("START TRANSACTION READ ONLY");
      try {
        return query.run();
      } finally {
        Connections.rollBackOrAbort(connection, transaction);
      }
    }
  }
}
