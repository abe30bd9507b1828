package dev.rowmill.throttle;

import dev.rowmill.database.ServerError;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Set;

/** Interprets the errors of reading a number. */
final class ProbeErrors {

  /** Lists the errors of both server families for a missing privilege or table. */
  private static final Set<ServerError> REFUSALS =
      Set.of(
          ServerError.ER_DBACCESS_DENIED_ERROR,
          ServerError.ER_UNKNOWN_TABLE,
          ServerError.ER_TABLEACCESS_DENIED_ERROR,
          ServerError.ER_COLUMNACCESS_DENIED_ERROR,
          ServerError.ER_NO_SUCH_TABLE,
          ServerError.ER_SPECIFIC_ACCESS_DENIED_ERROR);

  private ProbeErrors() {}

  /** Returns whether the server will refuse until its grants or settings are changed. */
  static boolean isRefusal(Throwable error) {
    return error instanceof SQLFeatureNotSupportedException
        || (error instanceof SQLException sql && ServerError.isAny(sql, REFUSALS));
  }
}
