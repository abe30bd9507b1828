package dev.rowmill.engine;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.RunLocks;
import dev.rowmill.database.ConnectionCache;
import dev.rowmill.database.ConnectionCache.Lent;
import dev.rowmill.database.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Manages the data connection of a thread of a run. Borrows it when needed, and reuses it for later
 * chunks with its prepared statements. Returns it after every error, as the pool validates each
 * connection that it lends. For one thread, except {@link #breakOff}.
 */
final class RunConnection implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(RunConnection.class);

  private final DataSource pool;
  private final LongConsumer opened;

  /** Lends the connections with auto-commit off; null if it is on. */
  private final @Nullable ConnectionCache cache;

  /** Identifies the work that may find the session as this work leaves it. */
  private final String purpose;

  private final boolean locks;
  private @Nullable Lent current;

  /** Stores whether a transaction may be open. */
  private boolean inUse;

  /** Holds the number of the lane whose lock the connection holds; null for none. */
  private @Nullable Integer heldLane;

  private RunConnection(
      DataSource pool,
      LongConsumer opened,
      @Nullable ConnectionCache cache,
      String purpose,
      boolean locks) {
    this.pool = pool;
    this.opened = opened;
    this.cache = cache;
    this.purpose = purpose;
    this.locks = locks;
  }

  /**
   * Returns a manager of connections with auto-commit off.
   *
   * @param cache of the pool
   * @param purpose identifies the work, for the cache
   * @param opened receives the server's id of each connection
   * @param locks whether a run that takes over must be able to find and close the connection
   */
  static RunConnection forChunks(
      DataSource pool, ConnectionCache cache, String purpose, LongConsumer opened, boolean locks) {
    return new RunConnection(pool, opened, cache, purpose, locks);
  }

  /**
   * Returns a manager of connections with auto-commit on, so that reads hold no snapshot and no
   * locks.
   */
  static RunConnection forReads(DataSource pool) {
    return new RunConnection(pool, id -> {}, null, "", false);
  }

  /** Returns the connection; borrows one if there is none. */
  Connection get() throws SQLException {
    Lent lent = current;
    inUse = true;
    if (lent == null) {
      lent =
          cache == null
              ? new Lent(pool.getConnection(), purpose, System.nanoTime())
              : cache.borrow(purpose);
      synchronized (this) {
        current = lent;
      }
      proveAutoCommit(lent.connection());
      opened.accept(serverId(lent.connection()));
    }
    return lent.connection();
  }

  /**
   * Returns the connection for work on a lane.
   *
   * @throws dev.rowmill.batch.FencedException when the lane belongs to a newer run
   */
  Connection get(LaneState lane) throws SQLException {
    Connection connection = get();
    if (locks && !Integer.valueOf(lane.lane()).equals(heldLane)) {
      if (heldLane != null) {
        RunLocks.release(connection);
      }
      heldLane = null;
      RunLocks.hold(connection, lane);
      heldLane = lane.lane();
    }
    return connection;
  }

  /** Registers that all work so far is committed. */
  void committed() {
    inUse = false;
  }

  /** Rolls back uncommitted work, and returns the connection to the pool. Never throws. */
  @Override
  public void close() {
    Lent lent;
    // A concurrent kill must not hit the next statement of this connection.
    synchronized (this) {
      lent = current;
      current = null;
    }
    if (lent == null) {
      return;
    }
    boolean locked = heldLane != null;
    heldLane = null;
    try {
      giveBack(lent, locked);
    } catch (SQLException e) {
      LOG.debug("A connection could not be returned", e);
    }
  }

  private void giveBack(Lent lent, boolean locked) throws SQLException {
    Connection connection = lent.connection();
    boolean clean = false;
    try {
      if (cache != null && inUse) {
        Connections.rollBackOrAbort(connection);
      }
      if (locked) {
        RunLocks.release(connection);
      }
      clean = !inUse;
    } finally {
      if (cache == null) {
        connection.close();
      } else if (clean) {
        cache.giveBack(lent);
      } else {
        cache.giveBackFailed(lent);
      }
    }
  }

  /** Kills the current statement on the server by another connection. Never throws. */
  synchronized void breakOff() {
    if (current == null) {
      return;
    }
    Connection own = current.connection();
    try (Connection killer = pool.getConnection();
        Statement statement = killer.createStatement()) {
      if (!host(killer).equals(host(own))) {
        // On another server the id belongs to another connection.
        throw new SQLException("the pool has switched to " + host(killer));
      }
      statement.execute("KILL QUERY " + serverId(own));
    } catch (SQLException | RuntimeException e) {
      LOG.warnf("The current statement can't be killed: %s", e.getMessage());
    }
  }

  private static String host(Connection connection) throws SQLException {
    return connection.unwrap(JdbcConnection.class).getHostPortPair();
  }

  private static long serverId(Connection connection) throws SQLException {
    return connection.unwrap(JdbcConnection.class).getSession().getThreadId();
  }

  /**
   * Verifies auto-commit by the status in the last response of the server; the state of the driver
   * may differ.
   */
  private void proveAutoCommit(Connection connection) throws SQLException {
    boolean autoCommit = cache == null;
    JdbcConnection driver = connection.unwrap(JdbcConnection.class);
    if (driver.getSession().getServerSession().isAutocommit() != autoCommit) {
      Connections.abort(driver);
      throw new SQLNonTransientConnectionException(
          "the server's session does not have autocommit " + (autoCommit ? "on" : "off"), "08006");
    }
  }
}
