package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseFailureTest {

  @ParameterizedTest
  @CsvSource({
    "1213, 40001, Deadlock found, DEADLOCK",
    "1020, HY000, Record has changed since last read, DEADLOCK",
    "1213, 40001, WSREP detected deadlock/conflict and aborted the transaction, DEADLOCK",
    "1047, 08S01, WSREP has not yet prepared node for application use, LOST_CONNECTION",
    "1180, HY000, Got error 6 \"No such device or address\" during COMMIT, LOST_CONNECTION",
    "1205, HY000, Lock wait timeout exceeded, LOCK_TIMEOUT",
    "0, 08S01, Communications link failure, LOST_CONNECTION",
    "0, 08003, No operations allowed after connection closed., LOST_CONNECTION",
    "1053, 08S01, Server shutdown in progress, LOST_CONNECTION",
    "1040, 08004, Too many connections, LOST_CONNECTION",
    "2006, HY000, MySQL server has gone away, LOST_CONNECTION",
    "2013, HY000, Lost connection to MySQL server during query, LOST_CONNECTION",
    "4031, HY000, The client was disconnected because of inactivity, LOST_CONNECTION",
    "1927, 70100, Connection was killed, LOST_CONNECTION",
    "0, , 'Sorry, acquisition timeout!', LOST_CONNECTION",
    "1290, HY000, running with the --read-only option, READ_ONLY",
    "1290, HY000, running with the --super-read-only option, READ_ONLY",
    "1290, HY000, running with the --secure-file-priv option, PERMANENT",
    "1836, HY000, Running in read-only mode, READ_ONLY",
    "1969, 70100, Query execution was interrupted (max_statement_time exceeded), STATEMENT_TIMEOUT",
    "3024, HY000, Query execution was interrupted, STATEMENT_TIMEOUT",
    "1615, HY000, Prepared statement needs to be re-prepared, PREPARED_STATEMENTS",
    "1461, 42000, Can't create more than max_prepared_stmt_count statements, PREPARED_STATEMENTS",
    "3032, HY000, The server is currently in offline mode, LOST_CONNECTION",
    "9001, HY000, Max connect timeout reached while reaching hostgroup 0, LOST_CONNECTION",
    "1317, 70100, Query execution was interrupted, INTERRUPTED",
    "1062, 23000, Duplicate entry, DATA",
    "1264, 22003, Out of range value, DATA",
    "1406, 22001, Data too long, DATA",
    "1366, 22007, Incorrect integer value, DATA",
    "1452, 23000, a foreign key constraint fails, DATA",
    "3819, HY000, Check constraint is violated, DATA",
    "4025, 23000, CONSTRAINT failed, DATA",
    "3905, HY000, Exceeded max number of values per record for multi-valued index, DATA",
    "1644, 45000, a trigger says no, DATA",
    "1142, 42000, UPDATE command denied, PERMANENT",
    "1146, 42S02, Table does not exist, PERMANENT",
    "1114, HY000, The table is full, DISK_FULL",
    "1021, HY000, Disk full, DISK_FULL",
    "1030, HY000, Got error 28 from storage engine, DISK_FULL",
    "0, 58030, 'No space left on device: java.net.SocketException', STORAGE",
    "1030, HY000, Got error 1 from storage engine, PERMANENT",
  })
  void errors_of_the_server_are_classified(
      int code, String state, String message, DatabaseFailure expected) {
    var error = new SQLException(message, state, code);
    assertEquals(Optional.of(expected), DatabaseFailure.of(error));
    assertEquals(
        Optional.of(expected),
        DatabaseFailure.of(new IllegalStateException("wrapped", new RuntimeException(error))));
  }

  @Test
  void an_unreachable_server_is_not_a_lost_connection() {
    var refused =
        new SQLException(
            "Communications link failure",
            "08S01",
            new IOException("link", new ConnectException("Connection refused")));
    assertEquals(Optional.of(DatabaseFailure.UNREACHABLE), DatabaseFailure.of(refused));
  }

  @Test
  void other_errors_are_no_failures_of_the_database() {
    assertEquals(Optional.empty(), DatabaseFailure.of(new IllegalStateException("a bug")));
  }
}
