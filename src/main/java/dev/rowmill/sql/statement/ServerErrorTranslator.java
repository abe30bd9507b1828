package dev.rowmill.sql.statement;

import static dev.rowmill.database.ServerError.ER_BAD_DB_ERROR;
import static dev.rowmill.database.ServerError.ER_BAD_FIELD_ERROR;
import static dev.rowmill.database.ServerError.ER_BAD_TABLE_ERROR;
import static dev.rowmill.database.ServerError.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION;
import static dev.rowmill.database.ServerError.ER_COLUMNACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_DBACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_GET_ERRNO;
import static dev.rowmill.database.ServerError.ER_NO_DB_ERROR;
import static dev.rowmill.database.ServerError.ER_NO_SUCH_TABLE;
import static dev.rowmill.database.ServerError.ER_OPTION_PREVENTS_STATEMENT;
import static dev.rowmill.database.ServerError.ER_OUTOFMEMORY;
import static dev.rowmill.database.ServerError.ER_OUT_OF_RESOURCES;
import static dev.rowmill.database.ServerError.ER_OUT_OF_SORTMEMORY;
import static dev.rowmill.database.ServerError.ER_SP_DOES_NOT_EXIST;
import static dev.rowmill.database.ServerError.ER_TABLEACCESS_DENIED_ERROR;

import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.ServerError;
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

  private static final Set<ServerError> UNKNOWN_TABLE =
      Set.of(
          ER_DBACCESS_DENIED_ERROR,
          ER_BAD_DB_ERROR,
          ER_BAD_TABLE_ERROR,
          ER_TABLEACCESS_DENIED_ERROR,
          ER_COLUMNACCESS_DENIED_ERROR,
          ER_NO_SUCH_TABLE);

  /**
   * Lists errors of the server's condition that {@link DatabaseFailure} does not classify as
   * transient.
   */
  private static final Set<ServerError> NOT_THE_STATEMENT =
      Set.of(
          ER_GET_ERRNO,
          ER_OUTOFMEMORY,
          ER_OUT_OF_SORTMEMORY,
          ER_OUT_OF_RESOURCES,
          ER_OPTION_PREVENTS_STATEMENT);

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
  public static Refusal refusal(SQLException error, ChunkableStatement statement)
      throws SQLException {
    if (ER_SP_DOES_NOT_EXIST.is(error) || ER_NO_DB_ERROR.is(error)) {
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
    return refusal(error, statement.written());
  }

  /**
   * Returns the refusal for a server error.
   *
   * @param written table of the statement
   * @throws SQLException the same error if the statement did not cause it
   */
  public static Refusal refusal(SQLException error, String written) throws SQLException {
    if (error instanceof SQLTransientException
        || error instanceof SQLRecoverableException
        || error instanceof SQLNonTransientConnectionException
        || ServerError.isOfDriver(error)
        || ServerError.isAny(error, NOT_THE_STATEMENT)
        || mayPass(error)) {
      throw error;
    }
    String message = error.getMessage() == null ? "" : error.getMessage();
    if (ServerError.isAny(error, UNKNOWN_TABLE)) {
      return new Refusal("unknown-table", Map.of("table", found(TABLE, message, written)));
    }
    return StatementParser.refusal(
        Set.of(
            ER_BAD_FIELD_ERROR.is(error)
                ? Reason.of("unknown-column", "column", found(COLUMN, message, message))
                : Reason.of("server-refused", "message", message)));
  }

  /**
   * Returns whether the statement may succeed later. A write in a read-only transaction fails each
   * time.
   */
  private static boolean mayPass(SQLException error) {
    return !ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION.is(error)
        && DatabaseFailure.isTransient(error);
  }

  private static String found(Pattern pattern, String message, String otherwise) {
    Matcher matcher = pattern.matcher(message);
    return matcher.find() ? matcher.group(1) : otherwise;
  }
}
