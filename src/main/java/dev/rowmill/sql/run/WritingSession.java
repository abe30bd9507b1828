package dev.rowmill.sql.run;

import dev.rowmill.database.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Changes the SQL mode of a session, and maybe its time zone to UTC. Closing restores the session's
 * settings. For one thread.
 */
public final class WritingSession implements AutoCloseable {

  private static final String PREPARE =
      "SET @rowmill_zone = @@time_zone, @rowmill_mode = @@sql_mode, time_zone = %s, sql_mode = %s";

  private static final String UTC = "'+00:00'";
  private static final String OWN_ZONE = "@@time_zone";

  private static final String ALL_VALUES = "'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'";

  // Reads a CHAR with its blanks where the session did.
  private static final String LENIENT =
      "CONCAT("
          + ALL_VALUES
          + ", REPEAT(',PAD_CHAR_TO_FULL_LENGTH',"
          + " FIND_IN_SET('PAD_CHAR_TO_FULL_LENGTH', @@sql_mode) > 0))";

  private static final String STRICT =
      "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'";

  private static final String PUT_BACK = "SET time_zone = @rowmill_zone, sql_mode = @rowmill_mode";

  private final Connection connection;

  private WritingSession(Connection connection, String zone, String mode) throws SQLException {
    this.connection = connection;
    execute(connection, PREPARE.formatted(zone, mode));
  }

  /**
   * Lets a session accept all values that a table may hold, such as zero dates, an ENUM's empty
   * value and a zero in an AUTO_INCREMENT column, even if it would reject them from a caller. Its
   * time zone is UTC.
   */
  static WritingSession lenient(Connection connection) throws SQLException {
    return new WritingSession(connection, UTC, LENIENT);
  }

  /**
   * Lets a session copy all values from one table to another, as {@link #lenient} does. It keeps
   * its time zone, and copies a CHAR without its blanks.
   */
  public static WritingSession forCopies(Connection connection) throws SQLException {
    return new WritingSession(connection, OWN_ZONE, ALL_VALUES);
  }

  /** Lets a session reject values as {@link #strict} does, and changes its time zone to UTC. */
  public static WritingSession strictInUtc(Connection connection) throws SQLException {
    return new WritingSession(connection, UTC, STRICT);
  }

  /**
   * Lets a session reject each value that it would have to change, but accept zero dates and a zero
   * in an AUTO_INCREMENT column.
   */
  static WritingSession strict(Connection connection) throws SQLException {
    return new WritingSession(connection, OWN_ZONE, STRICT);
  }

  /** Restores the settings, or aborts the connection, so that no changed session is reused. */
  @Override
  public void close() throws SQLException {
    try {
      execute(connection, PUT_BACK);
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
