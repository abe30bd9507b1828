package dev.rowmill.sql.run;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a list of a column's values, in the format of {@link ImageColumn#listed}: the values are
 * separated by commas, NULL is empty, and values of bytes follow their length and a colon. For one
 * thread.
 */
final class ValueList {

  private static final int NULL = -1;

  private final ImageColumn column;
  private final byte[] list;

  /** Holds the position behind the current value and its comma. */
  private int at;

  private int from;

  /** Holds the length of the current value; {@link #NULL} for NULL. */
  private int length;

  ValueList(ImageColumn column, byte[] list) {
    this.column = column;
    this.list = list;
  }

  /** Returns the next value as {@link ImageColumn#read} does; null for NULL. */
  byte @Nullable [] next() throws SQLException {
    advance();
    if (length == NULL) {
      return null;
    }
    byte[] value = Arrays.copyOfRange(list, from, from + length);
    return column.form() == ImageColumn.Form.REAL ? real(value) : value;
  }

  /** Writes the next value. */
  void writeNext(ImageOutput out) throws SQLException {
    if (column.form() == ImageColumn.Form.REAL) {
      out.writeValue(next());
      return;
    }
    advance();
    if (length == NULL) {
      out.writeValue(null);
    } else {
      out.writeValue(list, from, length);
    }
  }

  /** Checks that there are no more values. */
  void end() throws SQLException {
    if (at <= list.length) {
      throw broken();
    }
  }

  private void advance() throws SQLException {
    if (at > list.length) {
      throw broken();
    }
    from = at;
    if (column.isListedByLength()) {
      advanceByLength();
    } else {
      while (at < list.length && list[at] != ',') {
        at++;
      }
      length = at == from ? NULL : at - from;
      if (column.form() == ImageColumn.Form.INTEGER) {
        withoutZeros();
      }
    }
    if (at < list.length && list[at] != ',') {
      throw broken();
    }
    at++;
  }

  private void advanceByLength() throws SQLException {
    length = NULL;
    if (at == list.length || list[at] == ',') {
      return;
    }
    length = 0;
    while (at < list.length && list[at] != ':') {
      length = 10 * length + list[at++] - '0';
    }
    from = at + 1;
    at = from + length;
    if (length < 0 || at > list.length) {
      throw broken();
    }
  }

  /** Skips the zeros of ZEROFILL. */
  private void withoutZeros() {
    while (length > 1 && list[from] == '0') {
      from++;
      length--;
    }
  }

  private static byte[] real(byte[] text) {
    return Double.toString(Double.parseDouble(new String(text, StandardCharsets.US_ASCII)))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private SQLException broken() {
    return new SQLException("the server's list of the values of " + column.name() + " is broken");
  }
}
