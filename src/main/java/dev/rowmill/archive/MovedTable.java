package dev.rowmill.archive;

import dev.rowmill.sql.parse.TableName;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Represents a table whose rows are moved, and the table that they are moved to.
 *
 * @param to table that rows are moved to; null if they are written to files
 * @param columns columns to copy, which both tables have
 * @param by column of a child that refers to the key of the main table; null for the main table
 */
record MovedTable(
    TableName from, @Nullable TableName to, List<String> columns, @Nullable String by) {

  /**
   * Returns the table that rows are moved to.
   *
   * @throws NullPointerException if they are written to files
   */
  TableName archive() {
    return Objects.requireNonNull(to);
  }

  /** Returns an INSERT that copies rows, up to its FROM. */
  String copy(String qualifier) {
    return "INSERT INTO "
        + archive().quoted()
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
        + archive().quoted()
        + " LIKE "
        + from.quoted();
  }
}
