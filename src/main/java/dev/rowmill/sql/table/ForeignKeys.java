package dev.rowmill.sql.table;

import static dev.rowmill.sql.table.CatalogQuery.named;
import static dev.rowmill.sql.table.CatalogQuery.text;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the rows that the server changes because of foreign keys. */
public final class ForeignKeys {

  private final CatalogQuery query;

  public ForeignKeys(Connection connection) {
    query = new CatalogQuery(connection);
  }

  /**
   * Returns the tables that the server changes along with the given ones because of foreign keys,
   * directly or through others.
   *
   * @param deletes whether rows of the given tables are deleted, rather than updated
   */
  public Set<TableName> changedAlong(Set<TableName> tables, boolean deletes) throws SQLException {
    Set<TableName> along = new LinkedHashSet<>();
    Deque<TableName> left = new ArrayDeque<>(tables);
    while (!left.isEmpty()) {
      String sql =
          "SELECT CONSTRAINT_SCHEMA, TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS"
              + " WHERE "
              + named(left.remove(), "UNIQUE_CONSTRAINT_SCHEMA", "REFERENCED_TABLE_NAME")
              // A column that a deletion sets to NULL or its default may cascade as an update.
              + " AND (UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')"
              + (deletes ? " OR DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))" : ")");
      query.forEach(
          sql,
          row -> {
            TableName table = new TableName(text(row, 1), text(row, 2));
            if (along.add(table)) {
              left.add(table);
            }
          });
    }
    return along;
  }

  /** Returns whether rows of a table may refer to others of the same table. */
  public boolean refersToItself(TableName table) throws SQLException {
    return query.found(
        "SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
            + named(table, "CONSTRAINT_SCHEMA", "TABLE_NAME")
            + " AND "
            + named(table, "UNIQUE_CONSTRAINT_SCHEMA", "REFERENCED_TABLE_NAME")
            + " LIMIT 1");
  }

  /**
   * Returns whether the server changes other rows because of a foreign key when a row of this table
   * is deleted.
   */
  public boolean deletesReachOthers(TableName table) throws SQLException {
    return query.found(
        "SELECT 1 FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
            + named(table, "UNIQUE_CONSTRAINT_SCHEMA", "REFERENCED_TABLE_NAME")
            + " AND DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') LIMIT 1");
  }

  /**
   * Represents a foreign key of a table.
   *
   * @param columns its columns, in their order
   * @param referred the columns to which they refer
   */
  public record Reference(TableName table, List<String> columns, List<String> referred) {}

  /**
   * Returns the foreign keys by which the server changes rows when a row of a table is deleted that
   * they refer to.
   */
  public List<Reference> changedByDelete(TableName table) throws SQLException {
    String sql =
        "SELECT r.CONSTRAINT_SCHEMA, r.TABLE_NAME, r.CONSTRAINT_NAME, k.COLUMN_NAME,"
            + " k.REFERENCED_COLUMN_NAME"
            + " FROM information_schema.REFERENTIAL_CONSTRAINTS r"
            + " JOIN information_schema.KEY_COLUMN_USAGE k"
            + " ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA"
            + " AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME AND k.TABLE_NAME = r.TABLE_NAME WHERE "
            + named(table, "r.UNIQUE_CONSTRAINT_SCHEMA", "r.REFERENCED_TABLE_NAME")
            + " AND r.DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')"
            + " ORDER BY 1, 2, 3, k.ORDINAL_POSITION";
    Map<List<String>, Reference> references = new LinkedHashMap<>();
    query.forEach(
        sql,
        row -> {
          TableName child = new TableName(text(row, 1), text(row, 2));
          Reference reference =
              references.computeIfAbsent(
                  List.of(text(row, 1), text(row, 2), text(row, 3)),
                  key -> new Reference(child, new ArrayList<>(), new ArrayList<>()));
          reference.columns().add(text(row, 4));
          reference.referred().add(text(row, 5));
        });
    return List.copyOf(references.values());
  }

  /**
   * Returns whether the server sets columns of other rows to NULL or their default because of a
   * foreign key when one of these columns changes. A cascaded value is restored together with its
   * source, except a NULL, since a row with NULL refers to no other.
   *
   * @param columns columns that are changed
   */
  public boolean updatesEmptyOthers(TableName table, List<Column> columns) throws SQLException {
    String sql =
        "SELECT k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE = 'CASCADE'"
            + " FROM information_schema.REFERENTIAL_CONSTRAINTS r"
            + " JOIN information_schema.KEY_COLUMN_USAGE k"
            + " ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA"
            + " AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME AND k.TABLE_NAME = r.TABLE_NAME WHERE "
            + named(table, "r.UNIQUE_CONSTRAINT_SCHEMA", "r.REFERENCED_TABLE_NAME")
            + " AND r.UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')";
    return query
        .list(
            sql,
            row -> {
              String name = text(row, 1);
              boolean takesOver = row.getBoolean(2);
              return columns.stream()
                  .filter(column -> column.nullable() || !takesOver)
                  .anyMatch(column -> column.name().equalsIgnoreCase(name));
            })
        .contains(true);
  }
}
