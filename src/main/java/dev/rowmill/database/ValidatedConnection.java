package dev.rowmill.database;

import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.ConnectionImpl;
import com.mysql.cj.jdbc.result.ResultSetFactory;
import com.mysql.cj.util.StringUtils;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one host whose session is made by Rowmill, and proven: when it is opened, and
 * each time that a pool asks whether it is still good, by the query that stands in for the driver's
 * ping.
 *
 * <p>A session takes over the global settings of the moment in which it is opened, and keeps them.
 * So settings that change what Rowmill's own statements do, such as how many rows a SELECT gives,
 * are set here. Settings that say what a caller's statement means, such as the SQL mode, {@code
 * group_concat_max_len} or {@code foreign_key_checks}, stay those of the server.
 *
 * <p>Where the server is a node of a Galera cluster, each transaction waits at its begin for what
 * was committed on the others by then, so that it finds there what it would find on one server.
 */
final class ValidatedConnection extends ConnectionImpl {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = Logger.getLogger(ValidatedConnection.class);

  /** The server's error for a node that has lost its cluster. */
  static final int NOT_READY = 1047;

  private static final String ALL_ROWS = "18446744073709551615";

  /** By name, as a statement sets them. */
  private static final Map<String, String> ASSIGNED =
      Map.of(
          "autocommit", "1",
          "completion_type", "0",
          "default_storage_engine", "InnoDB",
          "sql_auto_is_null", "0",
          "sql_big_selects", "1",
          "sql_quote_show_create", "1",
          "sql_safe_updates", "0",
          "sql_select_limit", ALL_ROWS,
          "unique_checks", "1");

  /** By name, as the server shows them. Servers have one or both names of the last four. */
  private static final Map<String, String> SHOWN =
      Map.ofEntries(
          Map.entry("autocommit", "ON"),
          Map.entry("completion_type", "NO_CHAIN"),
          Map.entry("default_storage_engine", "InnoDB"),
          Map.entry("sql_auto_is_null", "OFF"),
          Map.entry("sql_big_selects", "ON"),
          Map.entry("sql_quote_show_create", "ON"),
          Map.entry("sql_safe_updates", "OFF"),
          Map.entry("sql_select_limit", ALL_ROWS),
          Map.entry("unique_checks", "ON"),
          Map.entry("tx_isolation", "READ-COMMITTED"),
          Map.entry("transaction_isolation", "READ-COMMITTED"),
          Map.entry("tx_read_only", "OFF"),
          Map.entry("transaction_read_only", "OFF"));

  private static final String LOOK =
      "SHOW VARIABLES WHERE Variable_name IN ('read_only', 'wsrep_on', '"
          + String.join("', '", SHOWN.keySet())
          + "')";

  private final transient BooleanSupplier goesOver;

  private boolean takesWrites;

  /** Asks for what the pool's users change and put back, or must not change. */
  private @Nullable String proof;

  /** What it answered when the pool first asked, after its own statements; null before that. */
  private @Nullable String proven;

  private ValidatedConnection(HostInfo host, BooleanSupplier goesOver) throws SQLException {
    super(host);
    this.goesOver = goesOver;
  }

  /**
   * Connects, and makes the session.
   *
   * @param goesOver is asked when the host takes no writes any more: whether another one does, so
   *     that this connection is to be closed
   * @throws SQLException when there is no connection, or its session can't be made; none is left
   *     open
   */
  static ValidatedConnection to(HostInfo host, BooleanSupplier goesOver) throws SQLException {
    var connection = new ValidatedConnection(host, goesOver);
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
    boolean mariaDb = getMetaData().getDatabaseProductVersion().contains("MariaDB");
    setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    try (Statement statement = createStatement()) {
      statement.execute(assignments(mariaDb));
      Map<String, String> server = shown(statement, LOOK);
      if (!wrong(server).isEmpty()) {
        // The driver may believe what is not so, and no variable of one name says it to all
        // servers.
        statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE");
        server = shown(statement, LOOK);
      }
      Map<String, String> wrong = wrong(server);
      if (!wrong.isEmpty()) {
        throw new SQLException("the server does not make the session that Rowmill needs: " + wrong);
      }
      if ("ON".equals(server.get("wsrep_on"))) {
        // One that has lost its cluster takes connections, and refuses what is asked by them.
        if (!"ON".equals(shown(statement, "SHOW STATUS LIKE 'wsrep_ready'").get("wsrep_ready"))) {
          throw new SQLException("the server is not ready in its cluster", "08S01", NOT_READY);
        }
        // Before reads, updates and deletes, and inserts.
        statement.execute("SET SESSION wsrep_sync_wait = 7");
      }
      takesWrites = !"ON".equals(server.get("read_only"));
      proof = proof(mariaDb, server);
    }
  }

  private String assignments(boolean mariaDb) {
    List<String> parts = new ArrayList<>();
    if (speaksUtf8()) {
      // What the answers are in is left as the driver has set it.
      parts.add("NAMES utf8mb4, character_set_results = @@character_set_results");
    }
    new TreeMap<>(ASSIGNED).forEach((name, value) -> parts.add("SESSION " + name + " = " + value));
    if (mariaDb) {
      // The most that it keeps; MySQL lets only administrators set it. What IGNORE passes over is
      // counted by warnings.
      parts.add("SESSION max_error_count = 65535");
    }
    // A limit for all users' statements. One of this account, or of the URL, is meant for Rowmill.
    String kept =
        mariaDb
            ? "IF(@@SESSION.%1$s = @@GLOBAL.%1$s, 0, @@SESSION.%1$s)"
            // To MySQL the result of IF is no whole number.
            : "CAST(IF(@@SESSION.%1$s = @@GLOBAL.%1$s, 0, @@SESSION.%1$s) AS UNSIGNED)";
    String limit = mariaDb ? "max_statement_time" : "max_execution_time";
    parts.add(("SESSION %1$s = " + kept).formatted(limit));
    return "SET " + String.join(", ", parts);
  }

  private static Map<String, String> wrong(Map<String, String> server) {
    Map<String, String> wrong = new TreeMap<>();
    SHOWN.forEach(
        (name, value) -> {
          String is = server.get(name);
          if (is != null && !is.equalsIgnoreCase(value)) {
            wrong.put(name, is);
          }
        });
    return wrong;
  }

  private static String proof(boolean mariaDb, Map<String, String> server) {
    String prefix = server.containsKey("transaction_isolation") ? "transaction" : "tx";
    // One column: with one for each it takes twice as long.
    return "SELECT CONCAT_WS(' ', @@SESSION."
        + String.join(
            ", @@SESSION.",
            prefix + "_isolation",
            prefix + "_read_only",
            "autocommit",
            "character_set_client",
            "collation_connection",
            "completion_type",
            "innodb_lock_wait_timeout",
            "lock_wait_timeout",
            mariaDb ? "max_statement_time" : "max_execution_time",
            "sql_mode",
            "sql_safe_updates",
            "sql_select_limit",
            "time_zone",
            "unique_checks")
        + "), @@GLOBAL.read_only";
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

  /**
   * Returns whether the server answers and takes writes, where another one does, and the session is
   * what it was when this was first asked: outside of a transaction, and with nothing left behind
   * by those who have used it.
   */
  @Override
  public boolean isValid(int timeout) throws SQLException {
    String query = proof;
    if (query == null || isClosed() || (timeout > 0 && !super.isValid(timeout))) {
      return false;
    }
    String is;
    boolean readOnly;
    try (Statement statement = createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      is = String.valueOf(row.getString(1));
      readOnly = row.getBoolean(2);
    } catch (SQLException e) {
      LOG.debug("A connection does not answer", e);
      abortInternal();
      return false;
    }
    String was = proven == null ? is : proven;
    proven = was;
    boolean open = getSession().getServerSession().inTransactionOnServer();
    if (!is.equals(was) || open || !getAutoCommit()) {
      LOG.warnf(
          "A connection is closed, as its session is not what it was: %s, before %s%s",
          is, was, open ? ", in a transaction" : "");
    } else if (readOnly && goesOver.getAsBoolean()) {
      LOG.infof(
          "A connection is closed: %s takes no writes, and another host does", getHostPortPair());
    } else {
      return true;
    }
    abortInternal();
    return false;
  }

  /**
   * The driver would go back to the server's global limit, and believe that there is none; and it
   * would believe in a limit that the server did not come to set.
   */
  @Override
  public void setSessionMaxRows(int max) throws SQLException {
    getConnectionLock().lock();
    try {
      checkClosed();
      if (getSession().getSessionMaxRows() != max) {
        getSession()
            .execSQL(
                null,
                "SET sql_select_limit=" + (max == -1 ? ALL_ROWS : max),
                -1,
                null,
                false,
                new ResultSetFactory(this, null),
                null,
                false);
        getSession().setSessionMaxRows(max);
      }
    } finally {
      getConnectionLock().unlock();
    }
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
