package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.TableName;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Represents a trigger.
 *
 * @param before whether it runs before the change of a row
 * @param body its own text
 */
public record Trigger(String schema, String name, boolean before, String body) {

  /** Matches the delimiters of comments that the server executes, and other comments as a whole. */
  private static final String COMMENT =
      "/\\*M?!\\d*|\\*/|/\\*(?s:.*?)\\*/|--[ \t][^\n]*|--\n|#[^\n]*";

  /**
   * Returns whether it may assign a column of the row. Text that only resembles an assignment
   * counts as well, such as a comparison or a comment.
   */
  public boolean maySet(String column) {
    String quoted = Pattern.quote(column);
    String name =
        "\\bNEW\\s*\\.\\s*(?:%2$s|\"%1$s\"|%1$s(?![\\w$]))"
            .formatted(quoted, Pattern.quote(TableName.quoted(column)));
    // A procedure may write to its arguments.
    Pattern sets =
        Pattern.compile(
            name + "\\s*:?=|\\b(?:INTO|CALL)\\b[^;]*" + name,
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    return Stream.of(body, body.replaceAll(COMMENT, " ")).anyMatch(it -> sets.matcher(it).find());
  }

  /** Returns whether its own text writes to a table of this name. */
  public boolean mayWrite(String table) {
    String quoted = Pattern.quote(TableName.quoted(table));
    Pattern writes =
        Pattern.compile(
            "\\b(?:INTO|UPDATE|DELETE\\s+FROM)\\s+(?:\\S+\\s*\\.\\s*)?(?:%s|%s(?![\\w$]))"
                .formatted(quoted, Pattern.quote(table)),
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    return writes.matcher(body.replaceAll(COMMENT, " ")).find();
  }
}
