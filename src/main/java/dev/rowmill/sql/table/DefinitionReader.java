package dev.rowmill.sql.table;

import static dev.rowmill.sql.table.CatalogQuery.text;

import dev.rowmill.database.ServerKind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.task.Definition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the whole definition of tables: columns, indexes, triggers and foreign keys. */
public final class DefinitionReader {

  private final CatalogQuery query;
  private final boolean mariaDb;

  private DefinitionReader(Connection connection) throws SQLException {
    this.query = new CatalogQuery(connection);
    this.mariaDb = ServerKind.isMariaDb(connection);
  }

  /** Reads tables, with their schemas. A table that does not exist has no parts. */
  public static Definition read(Connection connection, Set<TableName> tables) throws SQLException {
    var reader = new DefinitionReader(connection);
    SortedMap<String, SortedMap<String, String>> definition = new TreeMap<>();
    for (TableName table : tables) {
      SortedMap<String, String> parts = new TreeMap<>();
      reader.columns(table, parts);
      reader.indexes(table, parts);
      reader.triggers(table, parts);
      reader.foreignKeys(table, parts);
      definition.put(table.written(), parts);
    }
    return new Definition(definition);
  }

  private void columns(TableName table, Map<String, String> parts) throws SQLException {
    query.forEach(
        "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLLATION_NAME, COLUMN_DEFAULT, EXTRA,"
            + " GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE "
            + CatalogQuery.named(table, "TABLE_SCHEMA", "TABLE_NAME"),
        row -> {
          StringBuilder text = new StringBuilder(text(row, 2));
          text.append(text(row, 3).equals("NO") ? " not null" : "");
          append(text, " collate ", text(row, 4));
          append(text, " default ", text(row, 5));
          append(text, " ", text(row, 6).toLowerCase(Locale.ROOT));
          append(text, " as ", text(row, 7));
          parts.put("column " + text(row, 1), text.toString());
        });
  }

  private void indexes(TableName table, Map<String, String> parts) throws SQLException {
    query.forEach(
        "SELECT INDEX_NAME, COLUMN_NAME, SUB_PART, COLLATION, INDEX_TYPE, NON_UNIQUE, "
            + (mariaDb ? "IF(IGNORED = 'YES', 'NO', 'YES'), NULL" : "IS_VISIBLE, EXPRESSION")
            + " FROM information_schema.STATISTICS WHERE "
            + CatalogQuery.named(table, "TABLE_SCHEMA", "TABLE_NAME")
            + " ORDER BY INDEX_NAME, SEQ_IN_INDEX",
        row -> {
          StringBuilder part =
              new StringBuilder(text(row, 2).isEmpty() ? text(row, 8) : text(row, 2));
          append(part, " length ", text(row, 3));
          part.append(text(row, 4).equals("D") ? " desc" : "");
          String kind =
              (row.getInt(6) == 0 ? "unique " : "")
                  + text(row, 5).toLowerCase(Locale.ROOT)
                  + (text(row, 7).equals("NO") ? " invisible" : "");
          parts.merge("index " + text(row, 1), kind + ": " + part, (all, one) -> all + ", " + part);
        });
  }

  private void triggers(TableName table, Map<String, String> parts) throws SQLException {
    query.forEach(
        "SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT"
            + " FROM information_schema.TRIGGERS WHERE "
            + CatalogQuery.named(table, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE"),
        row ->
            parts.put(
                "trigger " + text(row, 1),
                (text(row, 2) + " " + text(row, 3)).toLowerCase(Locale.ROOT)
                    + ": "
                    + text(row, 4)));
  }

  private void foreignKeys(TableName table, Map<String, String> parts) throws SQLException {
    query.forEach(
        "SELECT k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA,"
            + " k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE"
            + " FROM information_schema.KEY_COLUMN_USAGE k"
            + " JOIN information_schema.REFERENTIAL_CONSTRAINTS r"
            + " ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA"
            + " AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME WHERE "
            + CatalogQuery.named(table, "k.TABLE_SCHEMA", "k.TABLE_NAME")
            + " AND "
            + CatalogQuery.named(table, "r.CONSTRAINT_SCHEMA", "r.TABLE_NAME")
            + " AND k.REFERENCED_TABLE_NAME IS NOT NULL"
            + " ORDER BY k.CONSTRAINT_NAME, k.ORDINAL_POSITION",
        row -> {
          String column =
              text(row, 2) + " to " + text(row, 3) + "." + text(row, 4) + "." + text(row, 5);
          String rules =
              (" on update " + text(row, 6) + " on delete " + text(row, 7))
                  .toLowerCase(Locale.ROOT);
          parts.merge(
              "foreign key " + text(row, 1), column + rules, (all, one) -> all + ", " + column);
        });
  }

  private static void append(StringBuilder to, String before, String text) {
    if (!text.isEmpty()) {
      to.append(before).append(text);
    }
  }
}
