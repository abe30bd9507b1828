package dev.rowmill.retention;

import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.task.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Generates the statement of a retention. Stateless. */
public final class RetentionStatement {

  /** Names the parameter with the time before which rows are deleted. */
  public static final String BEFORE = "before";

  private static final String PART = "(`(?:[^`]|``)+`|[^`.]+)";
  private static final Pattern TABLE = Pattern.compile(PART + "\\." + PART);

  private RetentionStatement() {}

  /** Returns whether a text is the name of a table with its schema. */
  public static boolean isTable(String text) {
    return table(text).isPresent();
  }

  /** Reads the name of a table with its schema; empty when the text is no such name. */
  static Optional<TableName> table(String text) {
    Matcher parts = TABLE.matcher(text);
    return parts.matches()
        ? Optional.of(new TableName(unquoted(parts.group(1)), unquoted(parts.group(2))))
        : Optional.empty();
  }

  /** Returns the text of a table's name that {@link #table} reads, with quotes only if needed. */
  static String text(TableName table) {
    String written = table.written();
    return table(written).filter(table::equals).isPresent() ? written : table.quoted();
  }

  private static String unquoted(String name) {
    return name.startsWith("`") ? name.substring(1, name.length() - 1).replace("``", "`") : name;
  }

  /**
   * Returns a DELETE of the rows whose column is less than the parameter {@link #BEFORE}.
   *
   * @param where a further condition, which has passed {@link #checkCondition}; null for none
   * @param atMostRows maximum number of rows; null for all
   * @param oldestFirst whether the maximum covers the oldest rows, which needs an index
   */
  static String of(
      TableName table,
      String column,
      @Nullable String where,
      @Nullable Long atMostRows,
      boolean oldestFirst) {
    String quoted = TableName.quoted(column);
    return "DELETE FROM "
        + table.quoted()
        + " WHERE "
        + quoted
        + " < :"
        + BEFORE
        + (where == null ? "" : " AND (" + closed(where) + ")")
        + (atMostRows != null && oldestFirst ? " ORDER BY " + quoted : "")
        + (atMostRows == null ? "" : " LIMIT " + atMostRows);
  }

  /** Returns a condition behind which a text is no part of a comment. */
  private static String closed(String where) {
    return where.contains("--") || where.contains("#") ? where + "\n" : where;
  }

  /**
   * Checks that a text is complete by itself: its parentheses, quotes and comments are closed. So
   * it can't leave the parentheses that {@link #of} puts around it. The check of the whole
   * statement rejects everything else that is no condition.
   *
   * @throws Refusal when not; its member {@code field} names the condition
   */
  public static void checkCondition(String where) {
    try {
      StatementParser.parse("DELETE FROM t WHERE " + where);
    } catch (Refusal e) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("field", "where");
      members.putAll(e.members());
      throw new Refusal(e.type(), members, e.reasons());
    }
  }
}
