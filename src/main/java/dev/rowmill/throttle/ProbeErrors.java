package dev.rowmill.throttle;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Set;

/** What an error says of a number that could not be read. */
final class ProbeErrors {

  /** No privilege, or no such table; the numbers are those of both families. */
  private static final Set<Integer> REFUSALS = Set.of(1044, 1109, 1142, 1143, 1146, 1227);

  private static final int MAX_DEPTH = 20;

  private ProbeErrors() {}

  /** Whether the server will go on refusing until somebody changes its grants or settings. */
  static boolean isRefusal(Throwable error) {
    return error instanceof SQLFeatureNotSupportedException
        || (error instanceof SQLException sql && REFUSALS.contains(sql.getErrorCode()));
  }

  /** The first line of the error, and that of its root where it says more. */
  static String text(Throwable error) {
    String text = firstLine(error);
    Throwable root = error;
    for (int depth = 0; root.getCause() != null && depth < MAX_DEPTH; depth++) {
      root = root.getCause();
    }
    String deeper = firstLine(root);
    return text.contains(deeper) ? text : text + " (" + deeper + ")";
  }

  private static String firstLine(Throwable error) {
    String message = error.getMessage();
    return message == null ? error.toString() : message.lines().findFirst().orElse("");
  }
}
