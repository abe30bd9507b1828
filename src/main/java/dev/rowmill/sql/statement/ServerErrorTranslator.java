package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Converts a server error to a refusal if the statement caused it. */
public final class ServerErrorTranslator {

  private static final Set<Integer> UNKNOWN_TABLE = Set.of(1044, 1049, 1051, 1142, 1143, 1146);
  private static final int UNKNOWN_COLUMN = 1054;

  /** Lists errors that are caused by the server's condition and not by the statement. */
  private static final Set<Integer> NOT_THE_STATEMENT =
      Set.of(
          0, 1021, 1030, 1037, 1038, 1040, 1041, 1053, 1205, 1206, 1213, 1290, 1317, 1461, 1836,
          1927, 3024);

  private static final int NO_DATABASE = 1046;
  private static final int NO_FUNCTION = 1305;

  /** Maps functions that MySQL 9.6 and later have in components to their component. */
  private static final Map<String, String> COMPONENTS =
      Map.of(
          "md5", "component_classic_hashing",
          "sha", "component_classic_hashing",
          "sha1", "component_classic_hashing");

  private static final Pattern TABLE = Pattern.compile("[Tt]able '([^']+)'");
  private static final Pattern COLUMN = Pattern.compile("column '([^']*)'");

  private ServerErrorTranslator() {}

  /**
   * Returns the refusal for a server error.
   *
   * @throws SQLException the same error if the statement did not cause it
   */
  public static Refusal refusal(SQLException answer, ChunkableStatement statement)
      throws SQLException {
    int code = answer.getErrorCode();
    if (code == NO_FUNCTION || code == NO_DATABASE) {
      for (String function : statement.parsed().calls()) {
        String component = COMPONENTS.get(function.toLowerCase(Locale.ROOT));
        if (component != null) {
          return StatementParser.refusal(
              Set.of(
                  new Reason(
                      "missing-component", Map.of("function", function, "component", component))));
        }
      }
    }
    return refusal(answer, statement.written());
  }

  /**
   * Returns the refusal for a server error.
   *
   * @param written table of the statement
   * @throws SQLException the same error if the statement did not cause it
   */
  public static Refusal refusal(SQLException answer, String written) throws SQLException {
    String state = answer.getSQLState() == null ? "" : answer.getSQLState();
    int code = answer.getErrorCode();
    if (answer instanceof SQLTransientException
        || answer instanceof SQLRecoverableException
        || answer instanceof SQLNonTransientConnectionException
        || state.startsWith("08")
        || state.startsWith("40")
        || NOT_THE_STATEMENT.contains(code)) {
      throw answer;
    }
    String message = answer.getMessage() == null ? "" : answer.getMessage();
    if (UNKNOWN_TABLE.contains(code)) {
      return new Refusal("unknown-table", Map.of("table", found(TABLE, message, written)));
    }
    return StatementParser.refusal(
        Set.of(
            code == UNKNOWN_COLUMN
                ? Reason.of("unknown-column", "column", found(COLUMN, message, message))
                : Reason.of("server-refused", "message", message)));
  }

  private static String found(Pattern pattern, String message, String otherwise) {
    Matcher matcher = pattern.matcher(message);
    return matcher.find() ? matcher.group(1) : otherwise;
  }
}
