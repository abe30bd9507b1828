package dev.rowmill.archive;

import dev.rowmill.sql.parse.TableName;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Represents a table whose rows are moved, and the table that they are moved to.
 *
 * @param columns columns to copy, which both tables have
 * @param by column of a child that refers to the key of the main table; null for the main table
 */
record MovedTable(TableName from, TableName to, List<String> columns, @Nullable String by) {

  /** Returns an INSERT that copies rows, up to its FROM. */
  String copy(String qualifier) {
    return "INSERT INTO "
        + to.quoted()
        + " ("
        + columns.stream().map(TableName::quoted).collect(Collectors.joining(", "))
        + ") SELECT "
        + columns.stream()
            .map(column -> TableName.quoted(qualifier) + "." + TableName.quoted(column))
            .collect(Collectors.joining(", "));
  }

  /** Returns a statement that creates the table that rows are moved to, without foreign keys. */
  String create(long batch) {
    return "CREATE /* rowmill batch="
        + batch
        + " */ TABLE IF NOT EXISTS "
        + to.quoted()
        + " LIKE "
        + from.quoted();
  }
}
