package dev.rowmill.sql.run;

import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Selects the rows that an INSERT … SELECT has added, by the range of the chunk or the numbers that
 * the server assigned. Has the thread safety of a {@link dev.rowmill.task.ChunkedRun}.
 */
final class NewRowsRange {

  private static final String NO_NUMBER = "0";

  private final ImageLayout layout;
  private final String qualifier;
  private final boolean undivided;
  private final RunStatements statements;

  /** Stores whether the server may have assigned a number to the one row that had a zero. */
  private boolean zeroIsCounted;

  /**
   * @param undivided whether the statement runs without ranges
   */
  NewRowsRange(ImageLayout layout, String qualifier, boolean undivided, RunStatements statements) {
    this.layout = layout;
    this.qualifier = qualifier;
    this.undivided = undivided;
    this.statements = statements;
  }

  /**
   * Prepares for the chunk's statement, which must be next on the connection.
   *
   * @param mayHoldZero whether one of the rows may have the key 0
   */
  void prepare(Connection connection, BooleanSupplier mayHoldZero) throws SQLException {
    zeroIsCounted = layout.countsZero() && mayHoldZero.getAsBoolean();
    if (zeroIsCounted) {
      // Stays 0 unless the server assigns a number, which its SQL mode may prevent.
      lastInsertId(connection, "SELECT LAST_INSERT_ID(0)");
    }
  }

  /** Returns a condition that selects the new rows, and maybe others. */
  BoundText condition(CapturedRange range) throws SQLException {
    if (undivided) {
      return new BoundText("TRUE", List.of());
    }
    KeyColumn first = layout.key().columns().get(0);
    String counted = first.compared(qualifier, ">=");
    if (layout.counted()) {
      return new BoundText(counted, number(first, firstNumber(range.connection())));
    }
    String copied = range.rows().sql(layout.key(), qualifier);
    String number = zeroIsCounted ? firstNumber(range.connection()) : NO_NUMBER;
    if (number.equals(NO_NUMBER)) {
      return new BoundText(copied, range.rows().values());
    }
    List<BoundText.Value> values = new ArrayList<>(range.rows().values());
    values.addAll(number(first, number));
    return new BoundText("(" + copied + " OR " + counted + ")", values);
  }

  private static List<BoundText.Value> number(KeyColumn column, String number) {
    return column.bound(KeyValue.text(number), ">=");
  }

  /** Returns the first number that the server assigned in the last statement. */
  private String firstNumber(Connection connection) throws SQLException {
    return lastInsertId(connection, "SELECT LAST_INSERT_ID()");
  }

  private String lastInsertId(Connection connection, String sql) throws SQLException {
    try (ResultSet row = statements.bound(connection, sql, List.of()).executeQuery()) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
