package dev.rowmill.throttle;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Reads the server's status: running threads without the chunks of this node, and on MariaDB the
 * history's length. Needs no privilege.
 */
final class StatusProbe implements Probe {

  private static final String THREADS = "Threads_running";
  private static final String HISTORY = "Innodb_history_list_length";
  private static final String SQL =
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('" + THREADS + "', '" + HISTORY + "')";

  private final MainServer server;
  private final Measures measures;
  private final RunningChunks own;

  StatusProbe(MainServer server, Measures measures, RunningChunks own) {
    this.server = server;
    this.measures = measures;
    this.own = own;
  }

  @Override
  public boolean isWanted(long now) {
    return measures.threads().isWanted(now)
        || (!server.isMySql() && measures.history().isWanted(now));
  }

  @Override
  public void sample() throws SQLException {
    int before = own.count();
    server.query(SQL, SQL, rows -> read(rows, before));
  }

  private boolean read(ResultSet rows, int ownBefore) throws SQLException {
    long now = System.nanoTime();
    // A chunk that has begun or ended meanwhile may not be in the server's number.
    int chunks = Math.min(ownBefore, own.count());
    boolean threads = false;
    while (rows.next()) {
      if (rows.getString(1).equalsIgnoreCase(THREADS)) {
        measures.threads().read(Math.max(1, rows.getLong(2) - chunks), now);
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
