package dev.rowmill.sql.parse;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Represents a table as a statement names it.
 *
 * @param schema null if the statement leaves it to the connection
 */
public record TableName(@Nullable String schema, String name) {

  private static final Set<String> SYSTEM_SCHEMAS =
      Set.of("mysql", "sys", "information_schema", "performance_schema", "ndbinfo");

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

  /** Returns whether a schema belongs to the server itself. */
  public static boolean isSystemSchema(String schema) {
    return SYSTEM_SCHEMAS.contains(schema.toLowerCase(Locale.ROOT));
  }
}
