package dev.rowmill.retention;

import dev.rowmill.sql.statement.SqlParameters;
import jakarta.validation.constraints.NotNull;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the parameters of a {@link RetentionTask}.
 *
 * @param table name with its schema, as {@link RetentionStatement#isTable} accepts it
 * @param column column with the time of a row
 * @param before value of a statement's parameter; older rows are deleted
 * @param atMostRows maximum number of rows that are deleted by statements; null for all
 * @param oldestFirst whether that maximum covers the oldest rows
 */
public record RetentionParameters(
    @NotNull String table,
    @NotNull String column,
    @NotNull Object before,
    @Nullable Long atMostRows,
    boolean oldestFirst) {

  /** Returns the statement that deletes the rows. */
  SqlParameters statement() {
    return statement(atMostRows);
  }

  /** Returns the statement that would delete all rows, as dropped partitions have no limit. */
  SqlParameters unlimited() {
    return statement(null);
  }

  private SqlParameters statement(@Nullable Long most) {
    return new SqlParameters(
        RetentionStatement.of(
            RetentionStatement.table(table).orElseThrow(), column, null, most, oldestFirst),
        Map.of(RetentionStatement.BEFORE, before),
        null);
  }
}
