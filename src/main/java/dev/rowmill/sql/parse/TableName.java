package dev.rowmill.sql.parse;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as a statement names it.
 *
 * @param schema null where the statement leaves it to the connection
 */
public record TableName(@Nullable String schema, String name) {

  private static final Set<String> SYSTEM_SCHEMAS =
      Set.of("mysql", "sys", "information_schema", "performance_schema", "ndbinfo");

  /** As it was written, without quotes. */
  public String written() {
    return schema == null ? name : schema + "." + name;
  }

  public TableName in(String defaultSchema) {
    return schema == null ? new TableName(defaultSchema, name) : this;
  }

  /** Whether it is the same table wherever the server ignores case. */
  public boolean mayBe(TableName other) {
    return written().equalsIgnoreCase(other.written());
  }

  public String quoted() {
    return schema == null ? quoted(name) : quoted(schema) + "." + quoted(name);
  }

  /** An identifier in backticks. */
  public static String quoted(String identifier) {
    return "`" + identifier.replace("`", "``") + "`";
  }

  /** Returns whether a schema belongs to the server itself. */
  public static boolean isSystemSchema(String schema) {
    return SYSTEM_SCHEMAS.contains(schema.toLowerCase(Locale.ROOT));
  }
}
