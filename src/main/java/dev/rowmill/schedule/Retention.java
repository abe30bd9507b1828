package dev.rowmill.schedule;

import org.jspecify.annotations.Nullable;

/**
 * Defines which rows of a table a schedule deletes. Stored as JSON. Immutable.
 *
 * @param table name with its schema
 * @param column column with the time of a row
 * @param unit unit of a column of numbers; null for a column of another type
 * @param keep ISO 8601 duration; older rows are deleted
 * @param where further condition; null for none
 * @param atMostRows maximum number of rows of a run; null for all
 * @param allowDropPartition whether a run drops partitions that hold only older rows
 * @param statement generated statement
 */
public record Retention(
    String table,
    String column,
    @Nullable Unit unit,
    String keep,
    @Nullable String where,
    @Nullable Long atMostRows,
    boolean allowDropPartition,
    String statement) {

  /** Lists the units of numbers that count the time since 1970. */
  public enum Unit {
    SECONDS,
    MILLISECONDS
  }
}
