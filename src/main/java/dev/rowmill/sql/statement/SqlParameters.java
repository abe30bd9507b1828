package dev.rowmill.sql.statement;

import jakarta.validation.constraints.NotNull;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the statement of a batch and its values.
 *
 * @param sql one statement, with {@code :name} for a value; {@code :project} is always bound
 * @param parameters values by name: text, numbers, booleans, null, maps of one member that names a
 *     type, such as {@code datetime}, and lists of these for IN. A text with an offset that is
 *     directly compared with or assigned to a column of times is turned to the session's time zone;
 *     any other text stays as it is
 * @param walk the table of an INSERT's FROM that is walked, by its alias or name; null for the
 *     first that can be
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
