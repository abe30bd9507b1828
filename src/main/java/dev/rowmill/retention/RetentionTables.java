package dev.rowmill.retention;

import dev.rowmill.sql.SqlCheck;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.TableDefinition.Index;
import dev.rowmill.sql.table.TableKind;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Reads the tables of retentions from the server's catalog. Safe for many threads. */
@ApplicationScoped
public class RetentionTables {

  private final javax.sql.DataSource data;
  private final StatementScope scope;
  private final SqlCheck check;

  RetentionTables(
      @DataSource("data") javax.sql.DataSource data, StatementScopeConfig scope, SqlCheck check) {
    this.data = data;
    this.scope = StatementScope.of(scope);
    this.check = check;
  }

  /** Queries the server of the data. */
  private interface Query<T> {
    T run(Connection connection) throws SQLException;
  }

  private <T> T query(Query<T> query) {
    try (Connection connection = data.getConnection()) {
      return query.run(connection);
    } catch (SQLException e) {
      throw new IllegalStateException("the table of a retention can't be read", e);
    }
  }

  /**
   * Reads a table.
   *
   * @param table name with its schema, see {@link RetentionStatement#isTable}
   * @return empty when it has no such column
   * @throws dev.rowmill.task.Refusal {@code unknown-table} when there is none
   */
  public Optional<RetentionTable> read(String table, String column) {
    return query(connection -> read(table, column, connection));
  }

  Optional<RetentionTable> read(String table, String written, Connection connection)
      throws SQLException {
    var catalog = new Catalog(connection);
    TableKind kind =
        catalog.usable(RetentionStatement.table(table).orElseThrow(), catalog.schema(), scope);
    TableName name = kind.name();
    Optional<Column> column =
        catalog.columns(name).stream()
            .filter(each -> each.name().equalsIgnoreCase(written))
            .findFirst();
    return column.isEmpty()
        ? Optional.empty()
        : Optional.of(described(kind, column.get(), catalog));
  }

  private static RetentionTable described(TableKind kind, Column column, Catalog catalog)
      throws SQLException {
    TableName name = kind.name();
    String index =
        catalog.indexes(name).stream()
            .filter(each -> each.beginsWith(column.name()))
            .map(Index::name)
            .findFirst()
            .orElse(null);
    boolean keepsEachRow =
        kind.isVersioned()
            || !catalog.isGranted("TRIGGER", name)
            || !catalog.deleteTriggers(name).isEmpty();
    boolean mayDrop = catalog.isGranted("ALTER", name) && catalog.isGranted("DROP", name);
    return new RetentionTable(
        name,
        column,
        index,
        keepsEachRow,
        mayDrop,
        RangePartitions.read(catalog.connection(), name, column.name()).orElse(null));
  }

  /**
   * Returns the names of the partitions that hold only older rows, and can be dropped.
   *
   * @param before value of a statement's parameter
   */
  public List<String> droppable(RetentionTable table, Object before, String project) {
    return query(connection -> droppable(table, before, project, connection));
  }

  List<String> droppable(RetentionTable table, Object before, String project, Connection connection)
      throws SQLException {
    RangePartitions partitions = table.partitions();
    return partitions == null || table.keepsEachRow()
        ? List.of()
        : partitions.olderThan(before, table.column().nullable(), check, project, connection);
  }
}
