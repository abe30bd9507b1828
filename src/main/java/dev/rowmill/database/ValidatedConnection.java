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
 * Connects to one host, and configures and validates the session. It is validated when it is
 * opened, and each time that a pool checks the connection, by a query that replaces the driver's
 * ping.
 *
 * <p>A session copies the global settings at the time when it is opened. Settings that change the
 * effect of Rowmill's own statements, such as how many rows a SELECT returns, are therefore set
 * here. Settings that define the meaning of a caller's statement, such as the SQL mode, {@code
 * group_concat_max_len} or {@code foreign_key_checks}, remain those of the server.
 *
 * <p>On a node of a Galera cluster, each transaction first waits until the node has applied all
 * earlier commits of the other nodes. So it reads the same data as on a single server.
 */
final class ValidatedConnection extends ConnectionImpl {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = Logger.getLogger(ValidatedConnection.class);

  private static final String ALL_ROWS = "18446744073709551615";

  /** Holds the session settings by name, as a statement assigns them. */
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

  /**
   * Holds the session settings by name, as the server shows them. Servers have one or both names of
   * the last four.
   */
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

  private static final String VARIABLES =
      "SHOW VARIABLES WHERE Variable_name IN ('read_only', 'wsrep_on', '"
          + String.join("', '", SHOWN.keySet())
          + "')";

  private final transient BooleanSupplier switchHost;

  private boolean takesWrites;

  /** Selects the settings that users of the pool change and reset, or must not change. */
  private @Nullable String proof;

  /**
   * Holds the result of the validation query when the pool first ran it, after its own statements;
   * null before that.
   */
  private @Nullable String proven;

  private ValidatedConnection(HostInfo host, BooleanSupplier switchHost) throws SQLException {
    super(host);
    this.switchHost = switchHost;
  }

  /**
   * Connects, and configures the session.
   *
   * @param switchHost called when the host no longer takes writes; returns whether another host
   *     does, so that this connection must be closed
   * @throws SQLException when there is no connection, or its session can't be configured; none is
   *     left open
   */
  static ValidatedConnection to(HostInfo host, BooleanSupplier switchHost) throws SQLException {
    var connection = new ValidatedConnection(host, switchHost);
    try {
      connection.settle();
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Returns whether the server took writes when the connection was opened. */
  boolean takesWrites() {
    return takesWrites;
  }

  private void settle() throws SQLException {
    boolean mariaDb = getMetaData().getDatabaseProductVersion().contains("MariaDB");
    setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    try (Statement statement = createStatement()) {
      statement.execute(assignments(mariaDb));
      Map<String, String> server = shown(statement, VARIABLES);
      if (!wrong(server).isEmpty()) {
        // The driver may hold a wrong value, and no variable name for it exists on all servers.
        statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE");
        server = shown(statement, VARIABLES);
      }
      Map<String, String> wrong = wrong(server);
      if (!wrong.isEmpty()) {
        throw new SQLException(
            "the server does not support the session that Rowmill needs: " + wrong);
      }
      if ("ON".equals(server.get("wsrep_on"))) {
        // A node that has lost its cluster accepts connections, but rejects their statements.
        if (!"ON".equals(shown(statement, "SHOW STATUS LIKE 'wsrep_ready'").get("wsrep_ready"))) {
          throw new SQLException(
              "the server is not ready in its cluster",
              "08S01",
              ServerError.ER_UNKNOWN_COM_ERROR.number());
        }
        // Waits before reads, updates and deletes, and inserts.
        statement.execute("SET SESSION wsrep_sync_wait = 7");
      }
      takesWrites = !"ON".equals(server.get("read_only"));
      proof = proof(mariaDb, server);
    }
  }

  private String assignments(boolean mariaDb) {
    List<String> parts = new ArrayList<>();
    if (speaksUtf8()) {
      // The character set of results remains as the driver has set it.
      parts.add("NAMES utf8mb4, character_set_results = @@character_set_results");
    }
    new TreeMap<>(ASSIGNED).forEach((name, value) -> parts.add("SESSION " + name + " = " + value));
    if (mariaDb) {
      // The maximum; MySQL lets only administrators set it. Rows that IGNORE skips are counted by
      // warnings.
      parts.add("SESSION max_error_count = 65535");
    }
    // Resets a limit that applies to all users. A limit of this account, or of the URL, is meant
    // for Rowmill.
    String kept =
        mariaDb
            ? "IF(@@SESSION.%1$s = @@GLOBAL.%1$s, 0, @@SESSION.%1$s)"
            // For MySQL the result of IF is not an integer.
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
    // One column: a column for each setting takes twice as long.
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
   * Returns whether the session must get the server's default collation of utf8mb4, as other
   * clients do. The driver requests MySQL's collation by number, which newer versions of MariaDB
   * accept too. A collation in the URL is left unchanged.
   */
  private boolean speaksUtf8() {
    return StringUtils.isNullOrEmpty(
            getPropertySet().getStringProperty(PropertyKey.connectionCollation).getValue())
        && "UTF-8"
            .equalsIgnoreCase(
                getPropertySet().getStringProperty(PropertyKey.characterEncoding).getValue());
  }

  /**
   * Returns whether the connection is still valid: the server responds, and the session is
   * unchanged since the first validation and outside of a transaction. It is also invalid when the
   * server takes no writes, but another host does.
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
      LOG.debug("A connection does not respond", e);
      abortInternal();
      return false;
    }
    String was = proven == null ? is : proven;
    proven = was;
    boolean open = getSession().getServerSession().inTransactionOnServer();
    if (!is.equals(was) || open || !getAutoCommit()) {
      LOG.warnf(
          "A connection is closed because its session has changed: %s, before %s%s",
          is, was, open ? ", in a transaction" : "");
    } else if (readOnly && switchHost.getAsBoolean()) {
      LOG.infof(
          "A connection is closed: %s accepts no writes, but another host does", getHostPortPair());
    } else {
      return true;
    }
    abortInternal();
    return false;
  }

  /**
   * Sets the row limit explicitly. The driver would fall back to the server's global limit, and
   * assume that there is none. It would also assume a limit that the server has failed to set.
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
