package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are given to the server as one JSON document, and are a table there. Every server since
 * MySQL 8.0 and MariaDB 10.6 knows JSON_TABLE.
 *
 * @param columns of each row
 */
record JsonRowTable(List<ImageColumn> columns) {

  private static final String NAME = "`rowmill cells`";

  private static final int MOST_CHARACTERS = 1 << 20;

  /** Quotes, a name and a colon. */
  private static final int MARKS = 10;

  /** The table in a FROM; its one question mark is the document. */
  String from() {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> "`" + i + "` LONGTEXT PATH '$.\"" + i + "\"'")
        .collect(
            Collectors.joining(
                ", ", "JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (", ")) AS " + NAME));
  }

  /** The text of a column's cell. */
  static String cell(int column) {
    return NAME + ".`" + column + "`";
  }

  /** The value of a column, to be written. */
  String written(int column) {
    return columns.get(column).written(cell(column));
  }

  /**
   * The table joined with the rows of an image's table that have the same keys, one look at the
   * key's index for each; the first of the columns make the key.
   *
   * @param qualifier of the image's table
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
   * The documents of some rows; a member that is missing is NULL.
   *
   * @param most characters of a document of several rows
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
   * How many characters of values are given to the server at once.
   *
   * @param packet that the server takes, in bytes; more than one such document may be in it, and
   *     what the driver makes of one may be longer
   */
  static int mostCharacters(long packet) {
    return (int) Math.min(MOST_CHARACTERS, packet / 4);
  }

  /** About how many characters a row takes in a document. */
  static long characters(byte[] @Nullable [] row) {
    long characters = 0;
    for (byte[] value : row) {
      characters += value == null ? 0 : 2L * value.length + MARKS;
    }
    return characters;
  }
}
