package dev.rowmill.sql.run;

import java.util.Locale;

/**
 * Says what a script for the command-line clients of MariaDB and MySQL does with changed rows. Its
 * statements each concern one row.
 */
public enum ChangeScript {
  /** Restores the old values. */
  UNDO,
  /** Writes the new values again. */
  REDO;

  /**
   * Sets up a session for the statements. It is strict except for values that a table may have and
   * a strict session does not write.
   */
  public static final String SESSION =
      """
      SET NAMES utf8mb4;
      SET time_zone = '+00:00', @not_found = 0, @lenient = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES';
      SET @strict = CONCAT('STRICT_TRANS_TABLES,', @lenient);
      SET sql_mode = @strict;
      """;

  /** Shows how many rows the statements did not find. */
  public static final String RESULT = "SELECT @not_found AS rows_not_found;\n";

  /** Returns the name in requests, in lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the writer of the statements for rows. */
  public RowScript of(ChangedRows rows) {
    return new RowScript(this, rows);
  }
}
