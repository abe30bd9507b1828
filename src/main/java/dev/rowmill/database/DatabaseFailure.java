package dev.rowmill.database;

import java.net.ConnectException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Classifies database errors by the errors of the servers, which each class lists, and by the
 * classes of SQLSTATE.
 */
public enum DatabaseFailure {
  /**
   * Means that the connection is lost, the server is shutting down or too busy, or the pool has no
   * free connection in time.
   */
  LOST_CONNECTION(
      true,
      ServerError.ER_CON_COUNT_ERROR,
      ServerError.ER_HANDSHAKE_ERROR,
      ServerError.ER_UNKNOWN_COM_ERROR,
      ServerError.ER_SERVER_SHUTDOWN,
      ServerError.ER_NORMAL_SHUTDOWN,
      ServerError.ER_SHUTDOWN_COMPLETE,
      ServerError.ER_FORCING_CLOSE,
      ServerError.ER_HOST_IS_BLOCKED,
      ServerError.ER_ABORTING_CONNECTION,
      ServerError.ER_NET_PACKET_TOO_LARGE,
      ServerError.ER_NET_READ_ERROR,
      ServerError.ER_NET_READ_INTERRUPTED,
      ServerError.ER_NET_ERROR_ON_WRITE,
      ServerError.ER_NET_WRITE_INTERRUPTED,
      ServerError.ER_ERROR_DURING_COMMIT,
      ServerError.ER_NEW_ABORTING_CONNECTION,
      ServerError.ER_SOURCE_NET_READ,
      ServerError.ER_SOURCE_NET_WRITE,
      ServerError.ER_TOO_MANY_USER_CONNECTIONS,
      ServerError.ER_USER_LIMIT_REACHED,
      ServerError.ER_CONNECTION_KILLED,
      ServerError.CR_CONNECTION_ERROR,
      ServerError.CR_CONN_HOST_ERROR,
      ServerError.CR_SERVER_GONE_ERROR,
      ServerError.CR_SERVER_LOST,
      ServerError.ER_SERVER_OFFLINE_MODE,
      ServerError.ER_CLIENT_INTERACTION_TIMEOUT,
      ServerError.ER_PROXYSQL_MAX_CONN_TIMEOUT),
  /** Means that no connection could be opened, as nothing listens at the server's address. */
  UNREACHABLE(true),
  /** Means that the transaction was rolled back in favour of another. */
  DEADLOCK(
      true,
      ServerError.ER_CHECKREAD,
      ServerError.ER_LOCK_DEADLOCK,
      ServerError.ER_XA_RBDEADLOCK,
      ServerError.ER_USER_LOCK_DEADLOCK,
      ServerError.ER_TRANSACTION_ROLLBACK_DURING_COMMIT),
  /** Means that another transaction has held a lock for too long. */
  LOCK_TIMEOUT(
      true,
      ServerError.ER_LOCK_WAIT_TIMEOUT,
      ServerError.ER_LOCK_TABLE_FULL,
      ServerError.ER_LOCK_NOWAIT),
  /** Means that the statement exceeded the server's time limit; fewer rows take less time. */
  STATEMENT_TIMEOUT(true, ServerError.ER_STATEMENT_TIMEOUT, ServerError.ER_QUERY_TIMEOUT),
  /**
   * Means that the server could not run the statement now, but may at the next attempt: too many
   * prepared statements, or one whose table was altered.
   */
  PREPARED_STATEMENTS(
      true, ServerError.ER_MAX_PREPARED_STMT_COUNT_REACHED, ServerError.ER_NEED_REPREPARE),
  /** Means that the server takes no writes, as after a failover. */
  READ_ONLY(
      true, ServerError.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ServerError.ER_READ_ONLY_MODE),
  /** Means that the server's disk is full; passes once an administrator frees space. */
  DISK_FULL(true, ServerError.ER_DISK_FULL, ServerError.ER_RECORD_FILE_FULL),
  /** Means that files outside of the database can't be written or read now. */
  STORAGE(true),
  /** Means that the statement was cancelled. */
  INTERRUPTED(true, ServerError.ER_QUERY_INTERRUPTED),
  /** Means that a row rejects the change: duplicate, out of range, foreign key, check, trigger. */
  DATA(
      false,
      ServerError.ER_DUP_KEY,
      ServerError.ER_BAD_NULL_ERROR,
      ServerError.ER_DUP_ENTRY,
      ServerError.ER_DUP_UNIQUE,
      ServerError.ER_NO_REFERENCED_ROW,
      ServerError.ER_ROW_IS_REFERENCED,
      ServerError.ER_WARN_DATA_OUT_OF_RANGE,
      ServerError.WARN_DATA_TRUNCATED,
      ServerError.ER_TRUNCATED_WRONG_VALUE,
      ServerError.ER_NO_DEFAULT_FOR_FIELD,
      ServerError.ER_DIVISION_BY_ZERO,
      ServerError.ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
      ServerError.ER_DATA_TOO_LONG,
      ServerError.ER_ROW_IS_REFERENCED_2,
      ServerError.ER_NO_REFERENCED_ROW_2,
      ServerError.ER_NO_PARTITION_FOR_GIVEN_VALUE,
      ServerError.ER_DUP_ENTRY_WITH_KEY_NAME,
      ServerError.ER_SIGNAL_EXCEPTION,
      ServerError.ER_DATA_OUT_OF_RANGE,
      ServerError.ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO,
      ServerError.ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO,
      ServerError.ER_DUP_UNKNOWN_IN_INDEX,
      ServerError.ER_INVALID_JSON_TEXT,
      ServerError.ER_INVALID_JSON_TEXT_IN_PARAM,
      ServerError.ER_CHECK_CONSTRAINT_VIOLATED,
      ServerError.ER_EXCEEDED_MV_KEYS_NUM,
      ServerError.ER_EXCEEDED_MV_KEYS_SPACE,
      ServerError.ER_CONSTRAINT_FAILED),
  /** Means any other error; a retry would fail in the same way. */
  PERMANENT(false);

  private final boolean isTransient;
  private final Set<ServerError> errors;

  DatabaseFailure(boolean isTransient, ServerError... errors) {
    this.isTransient = isTransient;
    this.errors = Set.of(errors);
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

  /** Returns whether an error is one of several failures. */
  public static boolean isAny(Throwable error, DatabaseFailure... failures) {
    return of(error).filter(List.of(failures)::contains).isPresent();
  }

  /** Returns whether a retry of the work that failed with an error may succeed. */
  public static boolean isTransient(Throwable error) {
    return of(error).filter(DatabaseFailure::isTransient).isPresent();
  }

  /** Returns whether a unique key has rejected a row. */
  public static boolean isDuplicateKey(Throwable error) {
    return sqlException(error).filter(ServerError.ER_DUP_ENTRY::is).isPresent();
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
    if (ServerError.isOfClass(error, "58")) {
      // Its message and its causes are those of a file system, or of a client of a bucket.
      return STORAGE;
    }
    if (DEADLOCK.includes(error) || ServerError.isOfClass(error, "40")) {
      return DEADLOCK;
    }
    if (LOCK_TIMEOUT.includes(error)) {
      return LOCK_TIMEOUT;
    }
    if (READ_ONLY.includes(error)
        || (ServerError.ER_OPTION_PREVENTS_STATEMENT.is(error)
            && says(error, "read-only", "read_only"))) {
      return READ_ONLY;
    }
    if (DISK_FULL.includes(error) || says(error, "no space left", "errno: 28", "error 28 ")) {
      return DISK_FULL;
    }
    if (hasCause(error, ConnectException.class)) {
      return UNREACHABLE;
    }
    if (LOST_CONNECTION.includes(error)
        || ServerError.isOfClass(error, "08")
        || says(error, "acquisition timeout", "java.net.socketexception", "java.io.eofexception")) {
      return LOST_CONNECTION;
    }
    for (DatabaseFailure failure : List.of(STATEMENT_TIMEOUT, PREPARED_STATEMENTS, INTERRUPTED)) {
      if (failure.includes(error)) {
        return failure;
      }
    }
    return DATA.includes(error) || ServerError.isOfClass(error, "22", "23", "45")
        ? DATA
        : PERMANENT;
  }

  private boolean includes(SQLException error) {
    return ServerError.isAny(error, errors);
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
