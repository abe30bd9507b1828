package dev.rowmill.doctor;

import dev.rowmill.database.ErrorText;
import dev.rowmill.database.ServerKind;
import dev.rowmill.throttle.ThrottleCheck;
import dev.rowmill.throttle.ThrottleConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.List;

/** Checks whether the account may read the values of the main server's throttles. Stateless. */
final class ThrottleGrants {

  private static final String PROCESS = "PROCESS";

  private ThrottleGrants() {}

  /** Reads a value, which fails without the privileges for it. */
  private interface Reading {
    void read(Connection connection) throws SQLException;
  }

  static List<Finding> of(Connection connection, Account account, ThrottleConfig config)
      throws SQLException {
    List<Finding> findings = new ArrayList<>();
    if (config.historyLength().orElse(1) != 0) {
      findings.add(
          finding(
              "history-length",
              config.historyLength().isPresent(),
              connection,
              ThrottleCheck::readHistory,
              account.grant(PROCESS, "*.*")));
    }
    if (config.lockWait().filter(limit -> limit.isZero()).isEmpty()) {
      String process = account.grant(PROCESS, "*.*");
      findings.add(
          finding(
              "lock-wait",
              config.lockWait().isPresent(),
              connection,
              ThrottleCheck::readLockWaits,
              ServerKind.isMariaDb(connection)
                  ? process
                  : process
                      + " "
                      + account.grant("SELECT", "`performance_schema`.`data_lock_waits`")));
    }
    return findings;
  }

  private static Finding finding(
      String throttle, boolean set, Connection connection, Reading reading, String grant) {
    String check = "throttle-" + throttle;
    try {
      reading.read(connection);
      return Finding.ok(check, "its value can be read");
    } catch (SQLException e) {
      String advice =
          e instanceof SQLFeatureNotSupportedException
              ? "Set performance_schema=ON and innodb_monitor_enable=trx_rseg_history_len in the server's"
                  + " configuration, and restart it."
              : grant;
      String cause = ErrorText.of(e);
      if (set || !ThrottleCheck.isRefusal(e)) {
        return Finding.error(check, "its value can't be read, so batches wait: " + cause, advice);
      }
      return Finding.warning(
          check, "its value can't be read, so the throttle does not apply: " + cause, advice);
    }
  }
}
