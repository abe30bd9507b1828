package dev.rowmill.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs SQL on the tables of tokens and sessions, through the control pool. Thread-safe. Throws a
 * runtime exception with the SQL error among its causes if the database is unreachable.
 */
@ApplicationScoped
class AuthDatabase {

  // Times are written as text in UTC, as in all tables of Rowmill.
  private static final DateTimeFormatter WRITTEN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);
  private static final DateTimeFormatter READ =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter(Locale.ROOT);

  /** Runs statements on a connection. */
  interface Work<T> {
    T call(Connection connection) throws SQLException;
  }

  private final DataSource control;

  AuthDatabase(DataSource control) {
    this.control = control;
  }

  /** Runs statements, each in a transaction of its own. */
  <T> T call(Work<T> work) {
    try (Connection connection = control.getConnection()) {
      return work.call(connection);
    } catch (SQLException e) {
      throw new IllegalStateException("the tables of tokens can't be reached", e);
    }
  }

  /** Runs statements in one transaction, and rolls it back if they throw. */
  <T> T transaction(Work<T> work) {
    return call(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute("START TRANSACTION");
            boolean committed = false;
            try {
              T result = work.call(connection);
              statement.execute("COMMIT");
              committed = true;
              return result;
            } finally {
              if (!committed) {
                statement.execute("ROLLBACK");
              }
            }
          }
        });
  }

  /** Executes an update. The values may be strings, numbers, byte arrays, times and nulls. */
  static int change(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(statement, values);
      return statement.executeUpdate();
    }
  }

  static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i] instanceof Instant time ? text(time) : values[i]);
    }
  }

  private static String text(Instant time) {
    return WRITTEN.format(time.atOffset(ZoneOffset.UTC));
  }

  static @Nullable Instant time(@Nullable String text) {
    return text == null ? null : LocalDateTime.parse(text, READ).toInstant(ZoneOffset.UTC);
  }
}
