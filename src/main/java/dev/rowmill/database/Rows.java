package dev.rowmill.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs SQL statements with their parameters, on the connection and in the transaction of the
 * caller. Binds an {@link Instant} as {@link StoredTime}, an enum by its name, a collection as one
 * parameter for each element, and any other value as the driver does. Stateless.
 */
public final class Rows {

  /** Maps the current row of a result to an object. */
  public interface Mapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  private Rows() {}

  /** Returns all rows of a query. */
  public static <T> List<T> query(
      Connection connection, String sql, Mapper<T> mapper, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      bind(select, values);
      try (ResultSet row = select.executeQuery()) {
        List<T> found = new ArrayList<>();
        while (row.next()) {
          found.add(mapper.map(row));
        }
        return found;
      }
    }
  }

  /** Returns the first row of a query; empty when there is none, or when it maps to null. */
  public static <T> Optional<T> first(
      Connection connection, String sql, Mapper<@Nullable T> mapper, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      bind(select, values);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.ofNullable(mapper.map(row)) : Optional.empty();
      }
    }
  }

  /** Returns the number in the first column of a query's one row. */
  public static long number(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    return first(connection, sql, row -> row.getLong(1), values).orElseThrow();
  }

  /** Runs a change, and returns the number of rows that it matched. */
  public static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      bind(update, values);
      return update.executeUpdate();
    }
  }

  /** Inserts one row, and returns its generated key. */
  public static long insert(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
      bind(insert, values);
      insert.executeUpdate();
      try (ResultSet key = insert.getGeneratedKeys()) {
        key.next();
        return key.getLong(1);
      }
    }
  }

  /** Returns the parameters of a list, such as {@code (?, ?, ?)}. */
  public static String list(int size) {
    return "(" + repeat("?", size) + ")";
  }

  /** Returns the parameters of an INSERT's rows, such as {@code (?, ?), (?, ?)}. */
  public static String lists(int rows, int columns) {
    return repeat(list(columns), rows);
  }

  private static String repeat(String part, int times) {
    return String.join(", ", Collections.nCopies(times, part));
  }

  /** Returns a stored time; null for NULL. */
  public static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    LocalDateTime time = row.getObject(column, LocalDateTime.class);
    return time == null ? null : time.toInstant(ZoneOffset.UTC);
  }

  /** Returns a value that is stored by its name; null for NULL. */
  public static <E extends Enum<E>> @Nullable E value(ResultSet row, String column, Class<E> type)
      throws SQLException {
    String name = row.getString(column);
    return name == null ? null : Enum.valueOf(type, name);
  }

  private static void bind(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    int parameter = 0;
    for (Object value : values) {
      if (value instanceof Collection<?> elements) {
        for (Object element : elements) {
          statement.setObject(++parameter, sqlValue(element));
        }
      } else {
        statement.setObject(++parameter, sqlValue(value));
      }
    }
  }

  private static @Nullable Object sqlValue(@Nullable Object value) {
    if (value instanceof Instant time) {
      return StoredTime.text(time);
    }
    return value instanceof Enum<?> constant ? constant.name() : value;
  }
}
