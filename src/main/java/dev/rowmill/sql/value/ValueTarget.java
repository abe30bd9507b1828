package dev.rowmill.sql.value;

/**
 * Classifies the column that a parameter is directly compared with or assigned to, as far as it
 * affects how the value is read.
 */
public enum ValueTarget {
  /** Represents any column that is not a date and time, or an unknown one. */
  UNKNOWN,
  /** Represents a column that stores local time: DATETIME, DATE or TIME. */
  WALL_CLOCK,
  /**
   * Represents a TIMESTAMP column, which stores a moment and is read and written in the session's
   * time zone.
   */
  TIMESTAMP;

  /**
   * Returns the target for a column.
   *
   * @param type type of the column in lower case, such as {@code varchar}
   */
  public static ValueTarget of(String type) {
    return switch (type) {
      case "datetime", "date", "time" -> WALL_CLOCK;
      case "timestamp" -> TIMESTAMP;
      default -> UNKNOWN;
    };
  }

  /**
   * Returns whether it is a date and time column, for which a text with an offset is read as a
   * moment.
   */
  public boolean isTemporal() {
    return this != UNKNOWN;
  }
}
