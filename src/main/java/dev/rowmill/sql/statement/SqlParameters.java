package dev.rowmill.sql.statement;

import jakarta.validation.constraints.NotNull;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the statement to run and its values.
 *
 * @param sql one statement, with {@code :name} for a value; {@code :project} is always bound
 * @param parameters values by name: text, numbers, booleans, null, or maps of one member that names
 *     a type, such as {@code datetime}. Lists of these are for IN. A text with an offset that is
 *     directly compared with or assigned to a date and time column is converted to the session's
 *     time zone. Any other text stays as it is
 * @param walk alias or name of the table in an INSERT's FROM whose key is walked; null for the
 *     first table that is possible
 */
public record SqlParameters(
    @NotNull String sql, Map<String, @Nullable Object> parameters, @Nullable String walk) {
  public SqlParameters(
      @NotNull String sql,
      @Nullable Map<String, @Nullable Object> parameters,
      @Nullable String walk) {
    this.sql = sql;
    this.parameters =
        parameters == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    this.walk = walk;
  }
}
