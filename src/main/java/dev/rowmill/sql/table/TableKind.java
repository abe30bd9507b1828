package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Describes a table or view found by its name.
 *
 * @param name name as the server has it, independent of the spelling in the query
 * @param type type, such as {@code BASE TABLE}
 */
public record TableKind(TableName name, String type, @Nullable String engine) {

  /** Returns whether MariaDB stores the history of its rows. */
  public boolean isVersioned() {
    return type.equals("SYSTEM VERSIONED");
  }

  public boolean isView() {
    return type.contains("VIEW");
  }

  /** Returns whether it has rows of its own, which can be walked. */
  public boolean isTable() {
    return type.equals("BASE TABLE") || isVersioned();
  }
}
