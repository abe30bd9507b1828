package dev.rowmill.sql.run;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Holds rows as they were read, and finds each by its key. For one thread. */
final class KeyedRows implements LockedRows {

  /** Limits the bytes of one read: up to twenty lanes read two row sets each at a time. */
  static final long MOST_BYTES = 64L << 20;

  /** Counts the memory of a value in Java beyond its bytes. */
  private static final int VALUE_BYTES = 24;

  /** Represents one row. */
  record Row(byte[][] key, byte[] @Nullable [] values) {}

  private final List<Row> rows = new ArrayList<>();
  private long bytes;
  private @Nullable Map<ByteBuffer, Row> byKey;

  /** Creates a list of rows. */
  KeyedRows(Row... some) {
    this(List.of(some));
  }

  /** Creates a list of rows. */
  KeyedRows(List<Row> some) {
    rows.addAll(some);
  }

  /** Returns the SELECT list for {@link #read}. */
  static String select(List<ImageColumn> keys, List<ImageColumn> columns, String qualifier) {
    return Stream.concat(keys.stream(), columns.stream())
        .map(column -> column.selected(qualifier))
        .collect(Collectors.joining(", ", "SELECT ", ""));
  }

  /**
   * Reads rows.
   *
   * @throws SQLDataException if there are several rows and they are too large to hold; retry with
   *     fewer
   */
  static KeyedRows read(PreparedStatement query, List<ImageColumn> keys, List<ImageColumn> columns)
      throws SQLException {
    var read = new KeyedRows();
    read.add(query, keys, columns);
    return read;
  }

  /**
   * Reads more rows, and appends them.
   *
   * @throws SQLDataException if there are several rows in all and they are too large to hold
   */
  void add(PreparedStatement query, List<ImageColumn> keys, List<ImageColumn> columns)
      throws SQLException {
    // The driver streams the rows instead of holding all of them.
    query.setFetchSize(Integer.MIN_VALUE);
    try (var any = AnyPacket.on(query.getConnection());
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        Row next = row(row, 1, keys, columns);
        bytes += bytes(next.key()) + bytes(next.values());
        rows.add(next);
        limit(rows.size(), bytes);
      }
    }
  }

  /**
   * Reads the current row of a result.
   *
   * @param first index of the first column of its key
   */
  static Row row(ResultSet row, int first, List<ImageColumn> keys, List<ImageColumn> columns)
      throws SQLException {
    return new Row(values(row, first, keys), values(row, first + width(keys), columns));
  }

  /**
   * Checks that rows can be held one by one.
   *
   * @param bytes number of bytes of all values together, with those that Java needs
   * @throws SQLDataException if there are several rows and they are too large to hold
   */
  static void limit(int rows, long bytes) throws SQLDataException {
    if (bytes > MOST_BYTES && rows > 1) {
      throw new SQLDataException(
          "too large a chunk: its rows take more than " + MOST_BYTES + " bytes", "22001");
    }
  }

  /**
   * Checks that rows can be held one by one.
   *
   * @param bytes number of bytes of all values together
   * @throws SQLDataException if there are several rows and they are too large to hold
   */
  static void limit(int rows, int columns, long bytes) throws SQLDataException {
    limit(rows, bytes + (long) VALUE_BYTES * rows * columns);
  }

  private static int width(List<ImageColumn> columns) {
    return columns.stream().mapToInt(ImageColumn::width).sum();
  }

  /** Returns the bytes of some values, with those that Java needs. */
  static long bytes(byte[] @Nullable [] values) {
    long bytes = 0;
    for (byte[] value : values) {
      bytes += VALUE_BYTES + (value == null ? 0 : value.length);
    }
    return bytes;
  }

  private static byte[][] values(ResultSet row, int first, List<ImageColumn> columns)
      throws SQLException {
    byte[][] values = new byte[columns.size()][];
    int column = first;
    for (int i = 0; i < values.length; i++) {
      values[i] = columns.get(i).read(row, column);
      column += columns.get(i).width();
    }
    return values;
  }

  List<Row> rows() {
    return rows;
  }

  /** Returns whether all values are equal to the first of the others. */
  static boolean equal(byte[] @Nullable [] some, byte[] @Nullable [] others) {
    for (int i = 0; i < some.length; i++) {
      if (!Arrays.equals(some[i], others[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Row first() {
    return rows.get(0);
  }

  @Override
  public KeyedRows keyed() {
    return this;
  }

  @Override
  public void write(ImageOutput out) {
    if (rows.isEmpty()) {
      return;
    }
    for (int i = 0; i < first().key().length; i++) {
      for (Row row : rows) {
        out.writeValue(row.key()[i]);
      }
    }
    for (int i = 0; i < first().values().length; i++) {
      for (Row row : rows) {
        out.writeValue(row.values()[i]);
      }
    }
  }

  /**
   * Returns the row with a key; null if there is none.
   *
   * @param likely index to check first
   */
  @Nullable Row find(byte[][] key, int likely) {
    if (likely < rows.size() && equal(rows.get(likely).key(), key)) {
      return rows.get(likely);
    }
    Map<ByteBuffer, Row> index = byKey;
    if (index == null) {
      index = new HashMap<>();
      for (Row row : rows) {
        index.put(whole(row.key()), row);
      }
      byKey = index;
    }
    return index.get(whole(key));
  }

  private static ByteBuffer whole(byte[][] key) {
    if (key.length == 1) {
      return ByteBuffer.wrap(key[0]);
    }
    int length = 0;
    for (byte[] part : key) {
      length += Integer.BYTES + part.length;
    }
    ByteBuffer whole = ByteBuffer.allocate(length);
    for (byte[] part : key) {
      whole.putInt(part.length).put(part);
    }
    return whole.flip();
  }
}
