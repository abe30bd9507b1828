package dev.rowmill;

import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.ConnectionImpl;
import com.mysql.cj.util.StringUtils;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * A connection to one host whose session is made by Rowmill: what the server's global settings
 * would make of it is put right where Rowmill's own statements depend on it, and is proven.
 *
 * <p>Settings that say what a caller's statement means, such as the SQL mode, {@code
 * group_concat_max_len} or {@code foreign_key_checks}, stay those of the server.
 *
 * <p>Where the server is a node of a Galera cluster, each transaction waits at its begin for what
 * was committed on the others by then, so that it finds there what it would find on one server.
 */
final class SettledConnection extends ConnectionImpl {

  private static final long serialVersionUID = 1L;

  /** The server's error for a node that has lost its cluster. */
  static final int NOT_READY = 1047;

  private boolean takesWrites;

  private SettledConnection(HostInfo host) throws SQLException {
    super(host);
  }

  /**
   * Connects, and makes the session.
   *
   * @throws SQLException when there is no connection, or its session can't be made; none is left
   *     open
   */
  static SettledConnection to(HostInfo host) throws SQLException {
    var connection = new SettledConnection(host);
    try {
      connection.settle();
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Returns whether its server took writes when it was opened. */
  boolean takesWrites() {
    return takesWrites;
  }

  private void settle() throws SQLException {
    try (Statement statement = createStatement()) {
      if (speaksUtf8()) {
        statement.execute("SET NAMES utf8mb4, character_set_results = @@character_set_results");
      }
      Map<String, String> server =
          shown(statement, "SHOW VARIABLES WHERE Variable_name IN ('read_only', 'wsrep_on')");
      if ("ON".equals(server.get("wsrep_on"))) {
        // One that has lost its cluster takes connections, and refuses what is asked by them.
        if (!"ON".equals(shown(statement, "SHOW STATUS LIKE 'wsrep_ready'").get("wsrep_ready"))) {
          throw new SQLException("the server is not ready in its cluster", "08S01", NOT_READY);
        }
        // Before reads, updates and deletes, and inserts.
        statement.execute("SET SESSION wsrep_sync_wait = 7");
      }
      takesWrites = !"ON".equals(server.get("read_only"));
    }
  }

  /**
   * The driver asks for MySQL's collation of utf8mb4 by number, which MariaDB has learned to know.
   * Any other client has the server's default. What the URL asks for is left.
   */
  private boolean speaksUtf8() {
    return StringUtils.isNullOrEmpty(
            getPropertySet().getStringProperty(PropertyKey.connectionCollation).getValue())
        && "UTF-8"
            .equalsIgnoreCase(
                getPropertySet().getStringProperty(PropertyKey.characterEncoding).getValue());
  }

  private static Map<String, String> shown(Statement statement, String show) throws SQLException {
    Map<String, String> values = new HashMap<>();
    try (ResultSet row = statement.executeQuery(show)) {
      while (row.next()) {
        values.put(row.getString(1), row.getString(2));
      }
    }
    return values;
  }
}
