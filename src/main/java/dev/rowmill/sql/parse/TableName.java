package dev.rowmill.sql.parse;

import org.jspecify.annotations.Nullable;

/**
 * Represents a table as a statement names it.
 *
 * @param schema null if the statement leaves it to the connection
 */
public record TableName(@Nullable String schema, String name) {

  /** Returns the name as it was written, without quotes. */
  public String written() {
    return schema == null ? name : schema + "." + name;
  }

  public TableName in(String defaultSchema) {
    return schema == null ? new TableName(defaultSchema, name) : this;
  }

  /** Returns whether both names are the same table on a server that ignores case. */
  public boolean mayBe(TableName other) {
    return written().equalsIgnoreCase(other.written());
  }

  public String quoted() {
    return schema == null ? quoted(name) : quoted(schema) + "." + quoted(name);
  }

  /** Returns an identifier in backticks. */
  public static String quoted(String identifier) {
    return "`" + identifier.replace("`", "``") + "`";
  }
}
