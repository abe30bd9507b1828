package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Describes how the lines of a staged file change a table, and makes the SQL for a range of lines.
 * A line finds its rows by the columns to match; NULL matches no row. Immutable.
 *
 * @param file staging table, whose primary key is {@link #LINE}
 * @param target changed table
 * @param key unique key of the target; null if it has none
 * @param index index of the target that begins with the columns to match
 * @param match columns that find the rows of a line
 * @param set columns that are written
 * @param expect columns that must have the values of the file, else their row stays as it is
 */
public record FileChange(
    Action action,
    TableName file,
    TableName target,
    @Nullable ChunkKey key,
    String index,
    List<Pair> match,
    List<Pair> set,
    List<Pair> expect) {

  /** Names the column of a staging table with the number of a line. */
  public static final String LINE = "line";

  /** Ends a query that locks the rows which it reads. */
  static final String LOCKED = " FOR UPDATE";

  static final String FILE = "rowmill file";
  static final String ROW = "rowmill row";

  private static final String RANGE =
      q(FILE) + "." + q(LINE) + " > ? AND " + q(FILE) + "." + q(LINE) + " <= ?";

  /** Represents what happens to the rows of a line. */
  public enum Action {
    INSERT,
    UPDATE,
    UPSERT,
    DELETE;

    /** Returns whether it adds rows. */
    public boolean inserts() {
      return this == INSERT || this == UPSERT;
    }

    /** Returns whether it changes rows that exist. */
    public boolean updates() {
      return this == UPDATE || this == UPSERT;
    }
  }

  /**
   * Pairs a column of the target with one of the file.
   *
   * @param source column of the staging table
   */
  public record Pair(Column column, String source) {
    String target() {
      return q(ROW) + "." + q(column.name());
    }

    String file() {
      return q(FILE) + "." + q(source);
    }

    /** Returns a condition that both have exactly the same value, or NULL. */
    String same() {
      return switch (ImageColumn.of(column).form()) {
        case TEXT -> "CONVERT(%s USING binary) <=> CONVERT(%s USING binary)".formatted(both());
        // Without the conversion, MySQL compares by the collation of the connection.
        case TYPED_JSON, JSON ->
            "CONVERT(CAST(%s AS CHAR) USING binary) <=> CONVERT(CAST(%s AS CHAR) USING binary)"
                .formatted(both());
        default -> "%s <=> %s".formatted(both());
      };
    }

    private Object[] both() {
      return new Object[] {target(), file()};
    }
  }

  /** Returns the columns to match, as images have them. */
  List<ImageColumn> matchColumns() {
    return match.stream().map(pair -> ImageColumn.of(pair.column())).toList();
  }

  private static String q(String identifier) {
    return TableName.quoted(identifier);
  }

  /** Returns the lines joined with the rows that they find, with a condition for their range. */
  String joined() {
    return tables("STRAIGHT_JOIN") + " WHERE " + RANGE;
  }

  private String tables(String join) {
    return lines()
        + " %s %s AS %s FORCE INDEX (%s) ON ".formatted(join, target.quoted(), q(ROW), q(index))
        + match.stream()
            .map(pair -> pair.target() + " = " + pair.file())
            .collect(Collectors.joining(" AND ", "(", ")"));
  }

  private String lines() {
    return file.quoted() + " AS " + q(FILE) + " FORCE INDEX (PRIMARY)";
  }

  /** Returns a condition that a row is as the file expects it. */
  String expected() {
    return expect.stream().map(Pair::same).collect(Collectors.joining(" AND "));
  }

  private String joinedAsExpected() {
    return joined() + (expect.isEmpty() ? "" : " AND " + expected());
  }

  /** Returns the UPDATE of the rows that exist. */
  String update() {
    return "UPDATE "
        + tables("STRAIGHT_JOIN")
        + set.stream()
            .map(pair -> pair.target() + " = " + pair.file())
            .collect(Collectors.joining(", ", " SET ", " WHERE "))
        + RANGE
        + (expect.isEmpty() ? "" : " AND " + expected());
  }

  /** Returns the DELETE of the rows that exist. */
  String delete() {
    return "DELETE " + q(ROW) + " FROM " + joinedAsExpected();
  }

  /** Returns the INSERT of the rows; of those that do not exist, if others are updated. */
  String insert() {
    List<Pair> all = Stream.concat(match.stream(), set.stream()).toList();
    return "INSERT INTO "
        + target.quoted()
        + all.stream()
            .map(pair -> q(pair.column().name()))
            .collect(Collectors.joining(", ", " (", ") SELECT "))
        + all.stream().map(Pair::file).collect(Collectors.joining(", "))
        + " FROM "
        + (action == Action.UPSERT ? tables("LEFT JOIN") : lines())
        + " WHERE "
        + RANGE
        + (action == Action.UPSERT ? " AND " + match.get(0).target() + " IS NULL" : "");
  }

  /** Returns the statement that shows best what happens to a range of lines. */
  public String statement() {
    return switch (action) {
      case INSERT -> insert();
      case UPDATE -> update();
      case UPSERT -> update() + "; " + insert();
      case DELETE -> delete();
    };
  }

  /**
   * Returns a query for the lines of a range that find a row which is not as the file expects it:
   * the line, whether each expected column is the same, and the key of the row.
   */
  String unexpected(List<ImageColumn> keys) {
    return "SELECT "
        + q(FILE)
        + "."
        + q(LINE)
        + expect.stream().map(pair -> ", " + pair.same()).collect(Collectors.joining())
        + keys.stream().map(key -> ", " + key.selected(ROW)).collect(Collectors.joining())
        + " FROM "
        + joined()
        + " AND NOT ("
        + expected()
        + ") ORDER BY "
        + q(FILE)
        + "."
        + q(LINE);
  }

  /**
   * Returns a query that counts, for lines up to one: all of them, those with NULL to match, those
   * that find a row, those whose row is not as expected, and those that would change nothing.
   */
  public String counts() {
    String found = match.get(0).target() + " IS NOT NULL";
    String line = q(FILE) + "." + q(LINE);
    return "SELECT COUNT(DISTINCT %1$s), COUNT(DISTINCT IF(%2$s, %1$s, NULL)), COUNT(DISTINCT IF(%3$s, %1$s, NULL)), COUNT(DISTINCT IF(%3$s AND NOT (%4$s), %1$s, NULL)), COUNT(DISTINCT IF(%3$s AND (%4$s) AND (%5$s), %1$s, NULL)) FROM %6$s WHERE %7$s"
        .formatted(
            line,
            noKey(),
            found,
            expect.isEmpty() ? "TRUE" : expected(),
            action.updates()
                ? set.stream().map(Pair::same).collect(Collectors.joining(" AND "))
                : "FALSE",
            tables("LEFT JOIN"),
            RANGE);
  }

  private String noKey() {
    return match.stream()
        .map(pair -> pair.file() + " IS NULL")
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  /** Returns a query for some lines with NULL in a column to match. */
  public String linesWithoutKey(int most) {
    return "SELECT " + q(FILE) + "." + q(LINE) + " FROM " + lines() + " WHERE " + noKey()
        + " LIMIT " + most;
  }

  /** Returns a query for the first and the last line of some keys that several lines have. */
  public String duplicates(int most) {
    String columns = match.stream().map(Pair::file).collect(Collectors.joining(", "));
    String line = q(FILE) + "." + q(LINE);
    return "SELECT MIN(%1$s), MAX(%1$s) FROM %2$s WHERE NOT %3$s GROUP BY %4$s HAVING COUNT(*) > 1 ORDER BY MIN(%1$s) LIMIT %5$d"
        .formatted(line, lines(), noKey(), columns, most);
  }

  /** Returns a query for rows of the target that the first lines find, and for what they become. */
  public String sample(List<Column> columns, int most) {
    return "SELECT "
        + q(FILE)
        + "."
        + q(LINE)
        + ", "
        + match.get(0).target()
        + " IS NOT NULL, "
        + (expect.isEmpty() ? "TRUE" : "(" + expected() + ")")
        + columns.stream()
            .map(column -> ", " + shown(q(ROW) + "." + q(column.name()), column))
            .collect(Collectors.joining())
        + Stream.concat(match.stream(), set.stream())
            .map(pair -> ", " + shown(pair.file(), pair.column()))
            .collect(Collectors.joining())
        + " FROM "
        + tables("LEFT JOIN")
        + " WHERE "
        + RANGE
        + " LIMIT "
        + most;
  }

  private static String shown(String value, Column column) {
    return switch (ImageColumn.of(column).form()) {
      case BYTES -> "HEX(" + value + ")";
      default -> "CAST(" + value + " AS CHAR)";
    };
  }
}
