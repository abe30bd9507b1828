package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Queries the server's own tables, by plain statements: preparing such a query costs more than
 * running it. Each query names one table with constants, since MariaDB reads every schema
 * otherwise.
 */
public record CatalogQuery(Connection connection) {

  /** Reads a row of the server's own tables. */
  public interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Processes a row of the server's own tables. */
  public interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }

  /** Processes all rows of a query. */
  public void forEach(String sql, RowConsumer consumer) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        consumer.accept(row);
      }
    }
  }

  /** Returns the results of all rows of a query. */
  <T> List<T> list(String sql, RowReader<T> reader) throws SQLException {
    List<T> results = new ArrayList<>();
    forEach(sql, row -> results.add(reader.read(row)));
    return results;
  }

  /** Returns the result of the first row of a query; empty if it finds none. */
  <T> Optional<T> first(String sql, RowReader<T> reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
    }
  }

  /** Returns whether a query finds a row. */
  boolean found(String sql) throws SQLException {
    return first(sql, row -> true).isPresent();
  }

  /** Returns a condition that selects the rows of one table. */
  public static String named(TableName table, String schemaColumn, String nameColumn) {
    return schemaColumn
        + " = "
        + literal(Objects.requireNonNull(table.schema()))
        + " AND "
        + nameColumn
        + " = "
        + literal(table.name());
  }

  static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }

  /** Returns the text of a column; empty for NULL. */
  public static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }
}
