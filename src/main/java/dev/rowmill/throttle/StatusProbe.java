package dev.rowmill.throttle;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Reads the server's status: running threads, and on MariaDB the history's length. Needs no
 * privilege.
 */
final class StatusProbe implements Probe {

  private static final String THREADS = "Threads_running";
  private static final String HISTORY = "Innodb_history_list_length";
  private static final String SQL =
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('" + THREADS + "', '" + HISTORY + "')";

  private final MainServer server;
  private final Measures measures;

  StatusProbe(MainServer server, Measures measures) {
    this.server = server;
    this.measures = measures;
  }

  @Override
  public boolean isWanted(long now) {
    return measures.threads().isWanted(now)
        || (!server.isMySql() && measures.history().isWanted(now));
  }

  @Override
  public void sample() throws SQLException {
    server.query(SQL, SQL, this::read);
  }

  private boolean read(ResultSet rows) throws SQLException {
    long now = System.nanoTime();
    boolean threads = false;
    while (rows.next()) {
      if (rows.getString(1).equalsIgnoreCase(THREADS)) {
        measures.threads().read(rows.getLong(2), now);
        threads = true;
      } else {
        measures.history().read(rows.getLong(2), now);
      }
    }
    if (!threads) {
      throw new SQLException("the server's status has no " + THREADS);
    }
    return true;
  }

  @Override
  public void failed(Throwable error) {
    measures.threads().failed(error);
    if (!server.isMySql()) {
      measures.history().failed(error);
    }
  }
}
