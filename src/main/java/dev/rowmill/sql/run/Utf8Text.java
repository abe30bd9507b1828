package dev.rowmill.sql.run;

import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Converts text of other character sets to UTF-8. The server converts it, because Java does not
 * have all of its character sets, and maps some bytes otherwise. A byte that is no character
 * becomes a question mark. For one thread.
 */
record Utf8Text(Connection connection, RunStatements statements) {

  /** Counts the characters of a text's quotes and comma. */
  private static final int MARKS = 3;

  /**
   * Returns rows whose text is in UTF-8.
   *
   * @throws SQLDataException if the server can't convert one
   */
  ChangedRows of(ChangedRows original) throws SQLException {
    if (Stream.concat(original.keys().stream(), original.columns().stream())
        .noneMatch(ImageColumn::isOtherText)) {
      return original;
    }
    ChangedRows rows = copy(original);
    List<ImageColumn> keys = new ArrayList<>(rows.keys());
    List<ImageColumn> columns = new ArrayList<>(rows.columns());
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i).isOtherText()) {
        List<byte[] @Nullable []> values = new ArrayList<>();
        rows.rows().forEach(row -> values.add(row.key()));
        convert(keys.get(i), values, i);
        keys.set(i, utf8(keys.get(i)));
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).isOtherText()) {
        List<byte[] @Nullable []> values = new ArrayList<>();
        for (ChangedRows.Row row : rows.rows()) {
          values.add(row.before());
          values.add(row.after());
        }
        convert(columns.get(i), values, i);
        columns.set(i, utf8(columns.get(i)));
      }
    }
    return new ChangedRows(rows.change(), rows.table(), keys, columns, rows.rows());
  }

  private static ChangedRows copy(ChangedRows rows) {
    return new ChangedRows(
        rows.change(),
        rows.table(),
        rows.keys(),
        rows.columns(),
        rows.rows().stream()
            .map(
                row ->
                    new ChangedRows.Row(
                        row.key().clone(),
                        row.before().clone(),
                        row.after().clone(),
                        row.unknown()))
            .toList());
  }

  private static ImageColumn utf8(ImageColumn column) {
    return new ImageColumn(column.name(), column.form(), column.type(), "utf8mb4", null);
  }

  /** Replaces the values of one column in rows; a shorter row has none. */
  private void convert(ImageColumn column, List<byte[] @Nullable []> rows, int index)
      throws SQLException {
    Set<ByteBuffer> different = new LinkedHashSet<>();
    for (byte[][] row : rows) {
      if (index < row.length && row[index] != null) {
        different.add(ByteBuffer.wrap(row[index]));
      }
    }
    Map<ByteBuffer, byte[]> converted = converted(column, List.copyOf(different));
    for (byte[][] row : rows) {
      if (index < row.length && row[index] != null) {
        row[index] = converted.get(ByteBuffer.wrap(row[index]));
      }
    }
  }

  private Map<ByteBuffer, byte[]> converted(ImageColumn column, List<ByteBuffer> texts)
      throws SQLException {
    Map<ByteBuffer, byte[]> converted = new HashMap<>();
    int most = JsonRowTable.mostCharacters(statements.largestPacket(connection));
    List<ByteBuffer> some = new ArrayList<>();
    int characters = 0;
    for (ByteBuffer text : texts) {
      if (2 * text.capacity() > most) {
        put(converted, column, "SELECT " + utf8("?", column), List.of(text), bytes(text));
        continue;
      }
      some.add(text);
      characters += 2 * text.capacity() + MARKS;
      if (characters > most) {
        putAll(converted, column, some);
        some.clear();
        characters = 0;
      }
    }
    if (!some.isEmpty()) {
      putAll(converted, column, some);
    }
    return converted;
  }

  private void putAll(Map<ByteBuffer, byte[]> into, ImageColumn column, List<ByteBuffer> texts)
      throws SQLException {
    String sql =
        "SELECT "
            + utf8("UNHEX(`rowmill text`.`hex`)", column)
            + " FROM JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (`n` FOR ORDINALITY, `hex`"
            + " LONGTEXT PATH '$')) AS `rowmill text` ORDER BY `n`";
    String document =
        texts.stream()
            .map(text -> '"' + HexFormat.of().formatHex(text.array()) + '"')
            .collect(Collectors.joining(",", "[", "]"));
    put(into, column, sql, texts, new BoundText.Value(document));
  }

  private static String utf8(String bytes, ImageColumn column) {
    return "CONVERT(" + column.writtenBytes(bytes) + " USING utf8mb4)";
  }

  private static BoundText.Value bytes(ByteBuffer text) {
    return new BoundText.Value(
        new BoundText.Bytes(Base64.getEncoder().encodeToString(text.array())));
  }

  private void put(
      Map<ByteBuffer, byte[]> into,
      ImageColumn column,
      String sql,
      List<ByteBuffer> texts,
      BoundText.Value value)
      throws SQLException {
    try (ResultSet row = statements.bound(connection, sql, List.of(value)).executeQuery()) {
      for (ByteBuffer text : texts) {
        row.next();
        byte[] utf8 = row.getBytes(1);
        if (utf8 == null) {
          throw unconvertible(column);
        }
        into.put(text, utf8);
      }
    }
  }

  /** Returns the error of a text that the server converts to NULL. */
  static SQLDataException unconvertible(ImageColumn column) {
    return new SQLDataException(
        "a text of column "
            + column.name()
            + " can't be converted to UTF-8: it is not valid, or larger than max_allowed_packet",
        "22021");
  }
}
