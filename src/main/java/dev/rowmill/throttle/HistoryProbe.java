package dev.rowmill.throttle;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;

/** Reads the length of the history list on MySQL. Requires the privilege PROCESS. */
final class HistoryProbe implements Probe {

  static final String SQL =
      "SELECT `count`, `status` FROM information_schema.innodb_metrics"
          + " WHERE name = 'trx_rseg_history_len'";

  private final MainServer server;
  private final Measure history;

  HistoryProbe(MainServer server, Measure history) {
    this.server = server;
    this.history = history;
  }

  /** Returns false on MariaDB, where {@link StatusProbe} reads the length. */
  @Override
  public boolean isWanted(long now) {
    return server.isMySql() && history.isWanted(now);
  }

  @Override
  public void sample() throws SQLException {
    history.read(server.query(SQL, SQL, HistoryProbe::read), System.nanoTime());
  }

  /**
   * Returns the length in the result of the query.
   *
   * @throws SQLException also when the server does not count it
   */
  static long read(ResultSet row) throws SQLException {
    if (!row.next() || !"enabled".equalsIgnoreCase(row.getString(2))) {
      throw new SQLFeatureNotSupportedException(
          "the counter trx_rseg_history_len of innodb_metrics is switched off");
    }
    return row.getLong(1);
  }

  @Override
  public void failed(Throwable error) {
    history.failed(error);
  }
}
