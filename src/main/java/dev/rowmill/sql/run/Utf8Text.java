package dev.rowmill.sql.run;

import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Converts text of other character sets to UTF-8. The server converts it, because Java does not
 * have all of its character sets, and maps some bytes otherwise. For one thread.
 */
record Utf8Text(Connection connection, RunStatements statements) {

  /** Lists the character sets whose bytes are UTF-8. */
  private static final Set<String> UTF8 = Set.of("utf8mb4", "utf8mb3", "utf8", "ascii");

  /** Returns rows whose text is in UTF-8. */
  ChangedRows of(ChangedRows rows) throws SQLException {
    List<ImageColumn> keys = new ArrayList<>(rows.keys());
    List<ImageColumn> columns = new ArrayList<>(rows.columns());
    for (int i = 0; i < keys.size(); i++) {
      if (isOther(keys.get(i))) {
        List<byte[] @Nullable []> values = new ArrayList<>();
        rows.rows().forEach(row -> values.add(row.key()));
        convert(keys.get(i), values, i);
        keys.set(i, utf8(keys.get(i)));
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      if (isOther(columns.get(i))) {
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

  private static boolean isOther(ImageColumn column) {
    return column.form() == Form.TEXT && !UTF8.contains(column.charset());
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
    String sql =
        "SELECT CONVERT("
            + column.written("`rowmill text`.`hex`")
            + " USING utf8mb4) FROM JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS"
            + " (`n` FOR ORDINALITY, `hex` LONGTEXT PATH '$')) AS `rowmill text` ORDER BY `n`";
    Map<ByteBuffer, byte[]> converted = new HashMap<>();
    Iterator<ByteBuffer> left = texts.iterator();
    int most = JsonRowTable.mostCharacters(statements.largestPacket(connection));
    while (left.hasNext()) {
      List<ByteBuffer> some = new ArrayList<>();
      var document = new StringBuilder();
      while (left.hasNext() && document.length() < most) {
        ByteBuffer text = left.next();
        some.add(text);
        document
            .append(document.isEmpty() ? "[\"" : ",\"")
            .append(HexFormat.of().formatHex(text.array()))
            .append('"');
      }
      var value = new BoundText.Value(document.append(']').toString());
      try (ResultSet row = statements.bound(connection, sql, List.of(value)).executeQuery()) {
        for (ByteBuffer text : some) {
          row.next();
          converted.put(text, row.getBytes(1));
        }
      }
    }
    return converted;
  }
}
