package dev.rowmill.sql.value;

/**
 * What a parameter is directly compared with or assigned to, as far as that decides how its value
 * is read.
 */
public enum ValueTarget {
  /** Anything else than a column of times, or it is not known. */
  UNKNOWN,
  /** A column that stores what a clock on the wall shows: DATETIME, DATE or TIME. */
  WALL_CLOCK,
  /** A TIMESTAMP column, which stores a moment and is read and written in the session's zone. */
  TIMESTAMP;

  /**
   * Returns the target that a column is.
   *
   * @param type of the column, such as {@code varchar}, in lower case
   */
  public static ValueTarget of(String type) {
    return switch (type) {
      case "datetime", "date", "time" -> WALL_CLOCK;
      case "timestamp" -> TIMESTAMP;
      default -> UNKNOWN;
    };
  }

  /** Whether it is a column of times, so that a text with an offset is read as a moment. */
  public boolean isTemporal() {
    return this != UNKNOWN;
  }
}
