package dev.rowmill.sql.table;

import static dev.rowmill.sql.table.CatalogQuery.literal;
import static dev.rowmill.sql.table.CatalogQuery.named;
import static dev.rowmill.sql.table.CatalogQuery.text;

import dev.rowmill.database.DataQueries;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.task.Refusal;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lists the tables that statements may use. Shows what the service's account can see. Safe for many
 * threads. Blocks while it queries the server.
 */
@ApplicationScoped
public class TableCatalogue {

  private final DataQueries queries;
  private final StatementScope scope;

  TableCatalogue(DataQueries queries, StatementScopeConfig config) {
    this.queries = queries;
    this.scope = StatementScope.of(config);
  }

  /**
   * Represents a table or view.
   *
   * @param rows the server's estimate; null for a view
   * @param bytes size of the rows and indexes; null for a view
   */
  @RegisterForReflection
  public record Listed(
      String name, String type, @Nullable Long rows, @Nullable Long bytes, String comment) {}

  /** Represents the definition of a table or view. */
  @RegisterForReflection
  public record Described(
      String schema, String name, String type, List<Column> columns, List<Index> indexes) {}

  /**
   * Represents a column.
   *
   * @param type full type, such as {@code bigint(20) unsigned}
   * @param extra attributes, such as {@code auto_increment}; may be empty
   */
  @RegisterForReflection
  public record Column(String name, String type, boolean nullable, String extra, String comment) {}

  /**
   * Represents an index.
   *
   * @param columns names of its columns in their order; empty for a part that is an expression
   */
  @RegisterForReflection
  public record Index(String name, boolean unique, List<String> columns) {}

  /**
   * Returns the names of the schemas that statements may use, by name.
   *
   * @param after returns only later names; may be empty
   */
  public List<String> schemas(String after, int limit) {
    if (!Catalog.isName(after)) {
      return List.of();
    }
    return queries
        .query(
            connection ->
                new CatalogQuery(connection)
                    .list(
                        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME > "
                            + literal(after)
                            + " ORDER BY SCHEMA_NAME",
                        row -> text(row, 1)))
        .stream()
        .filter(scope::allowsSchema)
        .limit(limit)
        .toList();
  }

  /**
   * Returns the tables and views of a schema that statements may use, by name.
   *
   * @param after returns only those with later names; may be empty
   */
  public List<Listed> tables(String schema, String after, int limit) {
    if (!Catalog.isName(schema) || !Catalog.isName(after)) {
      return List.of();
    }
    return queries.query(
        connection -> {
          String own = new Catalog(connection).schema();
          List<Listed> found = new ArrayList<>();
          new CatalogQuery(connection)
              .forEach(
                  "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS,"
                      + " DATA_LENGTH + INDEX_LENGTH, TABLE_COMMENT"
                      + " FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
                      + literal(schema)
                      + " AND TABLE_NAME > "
                      + literal(after)
                      + " ORDER BY TABLE_NAME",
                  row -> {
                    var kind =
                        new TableKind(
                            new TableName(text(row, 1), text(row, 2)),
                            text(row, 3),
                            row.getString(4));
                    if (scope.allows(kind, own)) {
                      found.add(
                          new Listed(
                              kind.name().name(),
                              kind.type(),
                              row.getObject(5, Long.class),
                              row.getObject(6, Long.class),
                              text(row, 7)));
                    }
                  });
          return found.stream().limit(limit).toList();
        });
  }

  /**
   * Returns the definition of a table or view.
   *
   * @throws Refusal {@code unknown-table} if there is none that statements may use
   */
  public Described describe(String schema, String table) {
    return queries.query(
        connection -> {
          var catalog = new Catalog(connection);
          TableKind kind = catalog.usable(new TableName(schema, table), catalog.schema(), scope);
          var query = new CatalogQuery(connection);
          return new Described(
              String.valueOf(kind.name().schema()),
              kind.name().name(),
              kind.type(),
              query.list(
                  "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, EXTRA, COLUMN_COMMENT"
                      + " FROM information_schema.COLUMNS WHERE "
                      + named(kind.name(), "TABLE_SCHEMA", "TABLE_NAME")
                      + " ORDER BY ORDINAL_POSITION",
                  row ->
                      new Column(
                          text(row, 1),
                          text(row, 2),
                          !"NO".equals(row.getString(3)),
                          text(row, 4),
                          text(row, 5))),
              indexes(query, kind.name()));
        });
  }

  private static List<Index> indexes(CatalogQuery query, TableName table) throws SQLException {
    Map<String, Index> indexes = new LinkedHashMap<>();
    query.forEach(
        "SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME FROM information_schema.STATISTICS WHERE "
            + named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + " ORDER BY INDEX_NAME, SEQ_IN_INDEX",
        row -> {
          boolean unique = row.getInt(2) == 0;
          indexes
              .computeIfAbsent(text(row, 1), name -> new Index(name, unique, new ArrayList<>()))
              .columns()
              .add(text(row, 3));
        });
    return List.copyOf(indexes.values());
  }
}
