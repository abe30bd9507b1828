package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows to the server as one JSON document, which is a table there. All servers since MySQL
 * 8.0 and MariaDB 10.6 support JSON_TABLE.
 *
 * @param columns columns of each row
 */
record JsonRowTable(List<ImageColumn> columns) {

  private static final String NAME = "`rowmill cells`";

  private static final int MOST_CHARACTERS = 1 << 20;

  /** Counts the characters of a member's quotes, name and colon. */
  private static final int MARKS = 10;

  /** Returns the table for a FROM; its one question mark is the document. */
  String from() {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> "`" + i + "` " + columns.get(i).cellType() + " PATH '$.\"" + i + "\"'")
        .collect(
            Collectors.joining(
                ", ", "JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (", ")) AS " + NAME));
  }

  /** Returns SQL for the text of a column's cell. */
  static String cell(int column) {
    return NAME + ".`" + column + "`";
  }

  /** Returns SQL that writes the value of a column. */
  String written(int column) {
    return columns.get(column).written(cell(column));
  }

  /**
   * Returns a join of this table with the rows of an image's table that have the same keys. It
   * needs one index lookup per row; the first columns are the key.
   *
   * @param qualifier qualifier of the image's table
   */
  String joined(RowImage image, String qualifier) {
    return from()
        + " STRAIGHT_JOIN "
        + image.table().quoted()
        + " AS "
        + TableName.quoted(qualifier)
        + " FORCE INDEX ("
        + TableName.quoted(image.index())
        + ") ON "
        + sameKey(qualifier, image.keys().size());
  }

  private String sameKey(String qualifier, int keys) {
    return IntStream.range(0, keys)
        .mapToObj(i -> columns.get(i).in(qualifier) + " = " + columns.get(i).compared(cell(i)))
        .collect(Collectors.joining(" AND "));
  }

  /**
   * Returns rows as documents; a missing member is NULL.
   *
   * @param most maximum number of characters of a document of several rows
   */
  List<String> documents(Iterable<byte[] @Nullable []> rows, int most) {
    List<String> documents = new ArrayList<>();
    var json = new StringBuilder("[");
    for (byte[][] row : rows) {
      int before = json.length();
      json.append(before == 1 ? "{" : ",{");
      boolean first = true;
      for (int i = 0; i < row.length; i++) {
        byte[] value = row[i];
        if (value != null) {
          json.append(first ? "\"" : ",\"").append(i).append("\":\"");
          json.append(columns.get(i).cell(value)).append('"');
          first = false;
        }
      }
      json.append('}');
      if (json.length() > most && before > 1) {
        documents.add(json.substring(0, before) + "]");
        json.delete(1, before + 1);
      }
    }
    if (json.length() > 1) {
      documents.add(json.append(']').toString());
    }
    return documents;
  }

  /**
   * Returns the maximum number of characters of values that one document holds.
   *
   * @param packet maximum size of a packet that the server accepts, in bytes; it may hold more than
   *     one such document, and the driver's encoding may be longer
   */
  static int mostCharacters(long packet) {
    return (int) Math.min(MOST_CHARACTERS, packet / 4);
  }

  /** Returns about how many characters a row takes in a document. */
  static long characters(byte[] @Nullable [] row) {
    long characters = 0;
    for (byte[] value : row) {
      characters += value == null ? 0 : 2L * value.length + MARKS;
    }
    return characters;
  }
}
