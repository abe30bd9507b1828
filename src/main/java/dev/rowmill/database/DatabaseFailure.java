package dev.rowmill.database;

import java.net.ConnectException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Classifies database errors by the error numbers of MySQL and MariaDB and the classes of SQLSTATE.
 *
 * @see <a href="https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html">MySQL
 *     8.4 server errors</a>
 * @see <a href="https://mariadb.com/kb/en/mariadb-error-codes/">MariaDB error codes</a>
 */
public enum DatabaseFailure {
  /**
   * Means that the connection is lost, the server is shutting down or too busy, or the pool has no
   * free connection in time.
   */
  LOST_CONNECTION(true),
  /** Means that no connection could be opened, as nothing listens at the server's address. */
  UNREACHABLE(true),
  /** Means that the transaction was rolled back in favour of another. */
  DEADLOCK(true),
  /** Means that another transaction has held a lock for too long. */
  LOCK_TIMEOUT(true),
  /** Means that the statement exceeded the server's time limit; fewer rows take less time. */
  STATEMENT_TIMEOUT(true),
  /** Means that the server could not run the statement now, but may at the next attempt. */
  PASSING(true),
  /** Means that the server takes no writes, as after a failover. */
  READ_ONLY(true),
  /** Means that the server's disk is full; passes once an administrator frees space. */
  DISK_FULL(true),
  /** Means that the statement was cancelled. */
  INTERRUPTED(true),
  /** Means that a row rejects the change: duplicate, out of range, foreign key, check, trigger. */
  DATA(false),
  /** Means any other error; a retry would fail in the same way. */
  PERMANENT(false);

  private static final Set<Integer> LOST =
      Set.of(
          1040, 1043, 1047, 1053, 1077, 1079, 1080, 1129, 1152, 1153, 1158, 1159, 1160, 1161, 1180,
          1184, 1189, 1190, 1203, 1226, 1927, 2002, 2003, 2006, 2013, 3032, 4031, 9001);
  private static final Set<Integer> DEADLOCKS = Set.of(1020, 1213, 1614, 3058, 3101);
  private static final Set<Integer> LOCK_TIMEOUTS = Set.of(1205, 1206, 3572);
  private static final Set<Integer> READ_ONLYS = Set.of(1792, 1836, 3905);
  private static final Set<Integer> DISK_FULLS = Set.of(1021, 1114);
  private static final Set<Integer> STATEMENT_TIMEOUTS = Set.of(1969, 3024);

  /** Lists the errors for too many prepared statements, and for one whose table was altered. */
  private static final Set<Integer> PASSING_ONES = Set.of(1461, 1615);

  private static final int DUPLICATE_KEY = 1062;

  private static final Set<Integer> INTERRUPTS = Set.of(1317);
  private static final Set<Integer> DATA_ERRORS =
      Set.of(
          1022, 1048, 1062, 1169, 1216, 1217, 1264, 1265, 1292, 1366, 1364, 1365, 1406, 1451, 1452,
          1526, 1586, 1644, 1690, 1761, 1762, 1859, 3140, 3141, 3819, 4025);

  private final boolean isTransient;

  DatabaseFailure(boolean isTransient) {
    this.isTransient = isTransient;
  }

  /** Returns whether the same work is more likely to succeed with fewer rows. */
  public boolean isOfSize() {
    return this == LOCK_TIMEOUT || this == STATEMENT_TIMEOUT;
  }

  /** Returns whether a retry of the same work may succeed. */
  public boolean isTransient() {
    return isTransient;
  }

  /**
   * Returns whether the cause is never the work itself, however often the error occurs: the
   * database is unusable for all until an administrator intervenes.
   */
  public boolean isAway() {
    return this == UNREACHABLE || this == READ_ONLY || this == DISK_FULL;
  }

  /** Returns the class of an error; empty when no SQL error is among its causes. */
  public static Optional<DatabaseFailure> of(Throwable error) {
    return sqlException(error).map(DatabaseFailure::classify);
  }

  /** Returns whether a unique key has rejected a row. */
  public static boolean isDuplicateKey(Throwable error) {
    return sqlException(error).filter(e -> e.getErrorCode() == DUPLICATE_KEY).isPresent();
  }

  /** Returns the first SQL error among an error, its causes and its suppressed errors. */
  public static Optional<SQLException> sqlException(Throwable error) {
    Set<Throwable> seen = new HashSet<>();
    Deque<Throwable> toSee = new ArrayDeque<>();
    toSee.add(error);
    while (!toSee.isEmpty()) {
      Throwable next = toSee.removeFirst();
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof SQLException found) {
        return Optional.of(found);
      }
      if (next.getCause() != null) {
        toSee.addLast(next.getCause());
      }
      for (Throwable suppressed : next.getSuppressed()) {
        toSee.addLast(suppressed);
      }
    }
    return Optional.empty();
  }

  private static DatabaseFailure classify(SQLException error) {
    int code = error.getErrorCode();
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    if (DEADLOCKS.contains(code) || state.startsWith("40")) {
      return DEADLOCK;
    }
    if (LOCK_TIMEOUTS.contains(code)) {
      return LOCK_TIMEOUT;
    }
    if (READ_ONLYS.contains(code) || (code == 1290 && says(error, "read-only", "read_only"))) {
      return READ_ONLY;
    }
    if (DISK_FULLS.contains(code) || says(error, "no space left", "errno: 28", "error 28 ")) {
      return DISK_FULL;
    }
    if (hasCause(error, ConnectException.class)) {
      return UNREACHABLE;
    }
    if (LOST.contains(code)
        || state.startsWith("08")
        || says(error, "acquisition timeout", "java.net.socketexception", "java.io.eofexception")) {
      return LOST_CONNECTION;
    }
    if (STATEMENT_TIMEOUTS.contains(code)) {
      return STATEMENT_TIMEOUT;
    }
    if (PASSING_ONES.contains(code)) {
      return PASSING;
    }
    if (INTERRUPTS.contains(code)) {
      return INTERRUPTED;
    }
    if (DATA_ERRORS.contains(code)
        || state.startsWith("22")
        || state.startsWith("23")
        || state.startsWith("45")) {
      return DATA;
    }
    return PERMANENT;
  }

  private static boolean hasCause(Throwable error, Class<? extends Throwable> type) {
    Set<Throwable> seen = new HashSet<>();
    for (Throwable cause = error; cause != null && seen.add(cause); cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static boolean says(SQLException error, String... parts) {
    String message = error.getMessage() == null ? "" : error.getMessage().toLowerCase(Locale.ROOT);
    for (String part : parts) {
      if (message.contains(part)) {
        return true;
      }
    }
    return false;
  }
}
