package dev.rowmill.database;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Names the errors of the server that Rowmill reacts to, by the symbols of MySQL and MariaDB. No
 * other class compares error numbers.
 *
 * @see <a href="https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html">MySQL
 *     8.4 server errors</a>
 * @see <a href="https://mariadb.com/kb/en/mariadb-error-codes/">MariaDB error codes</a>
 */
public enum ServerError {
  HA_ERR_AUTOINC_ERANGE(167),
  ER_CHECKREAD(1020),
  ER_DISK_FULL(1021),
  ER_DUP_KEY(1022),
  ER_GET_ERRNO(1030),
  ER_OUTOFMEMORY(1037),
  ER_OUT_OF_SORTMEMORY(1038),
  ER_CON_COUNT_ERROR(1040),
  ER_OUT_OF_RESOURCES(1041),
  ER_HANDSHAKE_ERROR(1043),
  ER_DBACCESS_DENIED_ERROR(1044),
  ER_ACCESS_DENIED_ERROR(1045),
  ER_NO_DB_ERROR(1046),
  ER_UNKNOWN_COM_ERROR(1047),
  ER_BAD_NULL_ERROR(1048),
  ER_BAD_DB_ERROR(1049),
  ER_BAD_TABLE_ERROR(1051),
  ER_SERVER_SHUTDOWN(1053),
  ER_BAD_FIELD_ERROR(1054),
  ER_DUP_ENTRY(1062),
  ER_NORMAL_SHUTDOWN(1077),
  ER_SHUTDOWN_COMPLETE(1079),
  ER_FORCING_CLOSE(1080),
  ER_NO_SUCH_THREAD(1094),
  ER_UNKNOWN_TABLE(1109),
  ER_RECORD_FILE_FULL(1114),
  ER_TOO_MANY_FIELDS(1117),
  ER_TOO_BIG_ROWSIZE(1118),
  ER_HOST_IS_BLOCKED(1129),
  ER_TABLEACCESS_DENIED_ERROR(1142),
  ER_COLUMNACCESS_DENIED_ERROR(1143),
  ER_NO_SUCH_TABLE(1146),
  ER_ABORTING_CONNECTION(1152),
  ER_NET_PACKET_TOO_LARGE(1153),
  ER_NET_READ_ERROR(1158),
  ER_NET_READ_INTERRUPTED(1159),
  ER_NET_ERROR_ON_WRITE(1160),
  ER_NET_WRITE_INTERRUPTED(1161),
  ER_DUP_UNIQUE(1169),
  ER_ERROR_DURING_COMMIT(1180),
  ER_NEW_ABORTING_CONNECTION(1184),
  ER_SOURCE_NET_READ(1189),
  ER_SOURCE_NET_WRITE(1190),
  ER_TOO_MANY_USER_CONNECTIONS(1203),
  ER_LOCK_WAIT_TIMEOUT(1205),
  ER_LOCK_TABLE_FULL(1206),
  ER_LOCK_DEADLOCK(1213),
  ER_NO_REFERENCED_ROW(1216),
  ER_ROW_IS_REFERENCED(1217),
  ER_USER_LIMIT_REACHED(1226),
  ER_SPECIFIC_ACCESS_DENIED_ERROR(1227),
  ER_WARN_DATA_OUT_OF_RANGE(1264),
  WARN_DATA_TRUNCATED(1265),
  ER_UNKNOWN_STORAGE_ENGINE(1286),
  ER_OPTION_PREVENTS_STATEMENT(1290),
  ER_TRUNCATED_WRONG_VALUE(1292),
  ER_SP_DOES_NOT_EXIST(1305),
  ER_QUERY_INTERRUPTED(1317),
  ER_NO_DEFAULT_FOR_FIELD(1364),
  ER_DIVISION_BY_ZERO(1365),
  ER_TRUNCATED_WRONG_VALUE_FOR_FIELD(1366),
  ER_VIEW_CHECK_FAILED(1369),
  ER_PROCACCESS_DENIED_ERROR(1370),
  ER_DATA_TOO_LONG(1406),
  ER_ROW_IS_REFERENCED_2(1451),
  ER_NO_REFERENCED_ROW_2(1452),
  ER_MAX_PREPARED_STMT_COUNT_REACHED(1461),
  ER_NO_PARTITION_FOR_GIVEN_VALUE(1526),
  ER_DUP_ENTRY_WITH_KEY_NAME(1586),
  ER_NO_PARTITION_FOR_GIVEN_VALUE_SILENT(1591),
  ER_XA_RBDEADLOCK(1614),
  ER_NEED_REPREPARE(1615),
  ER_SIGNAL_EXCEPTION(1644),
  ER_DATA_OUT_OF_RANGE(1690),
  ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET(1748),
  ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO(1761),
  ER_FOREIGN_DUPLICATE_KEY_WITHOUT_CHILD_INFO(1762),
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION(1792),
  ER_READ_ONLY_MODE(1836),
  ER_DUP_UNKNOWN_IN_INDEX(1859),
  ER_CONNECTION_KILLED(1927),
  ER_STATEMENT_TIMEOUT(1969),
  CR_CONNECTION_ERROR(2002),
  CR_CONN_HOST_ERROR(2003),
  CR_SERVER_GONE_ERROR(2006),
  CR_SERVER_LOST(2013),
  ER_QUERY_TIMEOUT(3024),
  ER_SERVER_OFFLINE_MODE(3032),
  ER_USER_LOCK_DEADLOCK(3058),
  ER_TRANSACTION_ROLLBACK_DURING_COMMIT(3101),
  ER_INVALID_JSON_TEXT(3140),
  ER_INVALID_JSON_TEXT_IN_PARAM(3141),
  ER_LOCK_NOWAIT(3572),
  ER_CHECK_CONSTRAINT_VIOLATED(3819),
  ER_CANNOT_CONVERT_STRING(3854),
  ER_EXCEEDED_MV_KEYS_NUM(3905),
  ER_EXCEEDED_MV_KEYS_SPACE(3906),
  ER_CONSTRAINT_FAILED(4025),
  ER_CLIENT_INTERACTION_TIMEOUT(4031),
  ER_PROXYSQL_MAX_CONN_TIMEOUT(9001);

  /** Lists the warnings of a value that the server changed to store it. */
  private static final Set<ServerError> CHANGED_VALUE =
      Set.of(
          ER_BAD_NULL_ERROR,
          ER_WARN_DATA_OUT_OF_RANGE,
          WARN_DATA_TRUNCATED,
          ER_TRUNCATED_WRONG_VALUE,
          ER_NO_DEFAULT_FOR_FIELD,
          ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
          ER_DATA_TOO_LONG);

  private static final Map<Integer, ServerError> BY_NUMBER =
      Stream.of(values()).collect(toUnmodifiableMap(ServerError::number, Function.identity()));

  private final int number;

  ServerError(int number) {
    this.number = number;
  }

  /** Returns the number that the server sends. */
  public int number() {
    return number;
  }

  /** Returns the error of a number, if it is one of these. */
  public static Optional<ServerError> of(int number) {
    return Optional.ofNullable(BY_NUMBER.get(number));
  }

  /** Returns the error that an exception reports, if it is one of these. */
  public static Optional<ServerError> of(SQLException exception) {
    return of(exception.getErrorCode());
  }

  /** Returns whether an exception reports this error. */
  public boolean is(SQLException exception) {
    return exception.getErrorCode() == number;
  }

  /** Returns whether an exception reports one of several errors. */
  public static boolean isAny(SQLException exception, Set<ServerError> errors) {
    return of(exception).filter(errors::contains).isPresent();
  }

  /** Returns whether a warning reports that the server changed a value to store it. */
  public static boolean isChangedValue(SQLWarning warning) {
    return isAny(warning, CHANGED_VALUE);
  }

  /** Returns whether an exception comes from the driver, which numbers none of its own. */
  public static boolean isOfDriver(SQLException exception) {
    return exception.getErrorCode() == 0;
  }

  /** Returns whether an exception has a SQLSTATE of one of several classes, such as 08. */
  public static boolean isOfClass(SQLException exception, String... classes) {
    String state = exception.getSQLState();
    return state != null && Stream.of(classes).anyMatch(state::startsWith);
  }
}
