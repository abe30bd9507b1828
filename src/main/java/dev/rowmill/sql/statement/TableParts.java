package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.table.Trigger;
import dev.rowmill.task.Definition;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Describes the definitions of tables part by part. Stateless. */
final class TableParts {

  private TableParts() {}

  /**
   * Returns the parts of tables: each column, their unique keys, and the triggers that the
   * statement fires.
   */
  static Definition of(
      Map<TableName, List<Column>> columns,
      Map<TableName, TableDefinition> definitions,
      Map<TableName, List<Trigger>> triggers) {
    SortedMap<String, SortedMap<String, String>> tables = new TreeMap<>();
    columns.forEach(
        (table, all) ->
            all.forEach(
                column -> parts(tables, table).put("column " + column.name(), text(column))));
    definitions.forEach(
        (table, definition) -> {
          Map<String, String> parts = parts(tables, table);
          if (!definition.columns().isEmpty()) {
            parts.put(
                Definition.UNIQUE_KEYS,
                definition.indexes().stream()
                    .map(TableDefinition.Index::describe)
                    .sorted()
                    .collect(Collectors.joining("; ")));
          }
        });
    triggers.forEach(
        (table, fired) ->
            parts(tables, table)
                .put(
                    Definition.TRIGGERS,
                    fired.stream()
                        .sorted(Comparator.comparing(Trigger::name))
                        .map(it -> it.name() + (it.before() ? " before: " : " after: ") + it.body())
                        .collect(Collectors.joining("; "))));
    return new Definition(tables);
  }

  private static Map<String, String> parts(
      Map<String, SortedMap<String, String>> tables, TableName table) {
    return tables.computeIfAbsent(table.written(), name -> new TreeMap<>());
  }

  private static String text(Column column) {
    return column.fullType()
        + (column.nullable() ? "" : " not null")
        + (column.collation() == null ? "" : " collate " + column.collation())
        + (column.extra().isEmpty() ? "" : " " + column.extra());
  }
}
