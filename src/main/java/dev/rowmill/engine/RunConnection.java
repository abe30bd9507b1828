package dev.rowmill.engine;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.RunLocks;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The data connection of a run's thread: borrowed when needed, kept from chunk to chunk with its
 * prepared statements, given back after every error so that the next one is proven again. For one
 * thread, but for {@link #breakOff}.
 */
final class RunConnection implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(RunConnection.class);

  private final DataSource pool;
  private final LongConsumer opened;
  private final boolean autoCommit;
  private final boolean locks;
  private @Nullable Connection current;

  /** Whether a transaction may be open. */
  private boolean inUse;

  /** The lane that the connection holds the lock of, by its number; null for none. */
  private @Nullable Integer held;

  private RunConnection(DataSource pool, LongConsumer opened, boolean autoCommit, boolean locks) {
    this.pool = pool;
    this.opened = opened;
    this.autoCommit = autoCommit;
    this.locks = locks;
  }

  /**
   * One with auto-commit off.
   *
   * @param opened is told the server's id of each connection
   * @param locks whether it is to be found, and closed, by a run that takes over
   */
  static RunConnection forChunks(DataSource pool, LongConsumer opened, boolean locks) {
    return new RunConnection(pool, opened, false, locks);
  }

  /** One with auto-commit, so that nothing that it has read is held on to. */
  static RunConnection forReads(DataSource pool) {
    return new RunConnection(pool, id -> {}, true, false);
  }

  /** The connection, borrowed when there is none. */
  Connection get() throws SQLException {
    Connection connection = current;
    inUse = true;
    if (connection == null) {
      connection = pool.getConnection();
      synchronized (this) {
        current = connection;
      }
      connection.setAutoCommit(autoCommit);
      proveAutoCommit(connection);
      opened.accept(serverId(connection));
    }
    return connection;
  }

  /**
   * The connection for work on a lane.
   *
   * @throws dev.rowmill.batch.FencedException when the lane belongs to a newer run
   */
  Connection get(LaneState lane) throws SQLException {
    Connection connection = get();
    if (locks && !Integer.valueOf(lane.lane()).equals(held)) {
      if (held != null) {
        RunLocks.release(connection);
      }
      held = null;
      RunLocks.hold(connection, lane);
      held = lane.lane();
    }
    return connection;
  }

  /** Says that all is committed that was done so far. */
  void committed() {
    inUse = false;
  }

  /** Rolls back what is not committed, and gives the connection back. Never throws. */
  @Override
  public void close() {
    Connection connection;
    // Whoever is breaking off a statement of this connection does not hit the next one's.
    synchronized (this) {
      connection = current;
      current = null;
    }
    if (connection == null) {
      return;
    }
    boolean locked = held != null;
    held = null;
    try (connection) {
      rollBackOrAbort(connection);
      if (locked) {
        RunLocks.release(connection);
      }
    } catch (SQLException e) {
      LOG.debug("A connection could not be given back in order", e);
    }
  }

  /** Breaks off the statement that the server is at, by another connection. Never throws. */
  synchronized void breakOff() {
    if (current == null) {
      return;
    }
    try (Connection killer = pool.getConnection();
        Statement statement = killer.createStatement()) {
      if (!host(killer).equals(host(current))) {
        // There the number is somebody else's.
        throw new SQLException("the pool has gone over to " + host(killer));
      }
      statement.execute("KILL QUERY " + serverId(current));
    } catch (SQLException | RuntimeException e) {
      LOG.warnf("The statement in hand can't be broken off: %s", e.getMessage());
    }
  }

  private static String host(Connection connection) throws SQLException {
    return connection.unwrap(JdbcConnection.class).getHostPortPair();
  }

  private static long serverId(Connection connection) throws SQLException {
    return connection.unwrap(JdbcConnection.class).getSession().getThreadId();
  }

  /** By what the server said with its last answer; the driver may believe something else. */
  private void proveAutoCommit(Connection connection) throws SQLException {
    JdbcConnection driver = connection.unwrap(JdbcConnection.class);
    if (driver.getSession().getServerSession().isAutocommit() != autoCommit) {
      driver.abort(Runnable::run);
      throw new SQLNonTransientConnectionException(
          "the server's session does not have autocommit " + (autoCommit ? "on" : "off"), "08006");
    }
  }

  /**
   * A connection that can't roll back must not go on: the pool would turn auto-commit on again, and
   * so commit what is left of the transaction. The driver's own connection is aborted; aborting the
   * pool's wrapper would keep its place in the pool taken for ever (Agroal 3.0.1).
   */
  private void rollBackOrAbort(Connection connection) throws SQLException {
    if (autoCommit || !inUse) {
      return;
    }
    try {
      connection.rollback();
    } catch (SQLException e) {
      connection.unwrap(JdbcConnection.class).abort(Runnable::run);
    }
  }
}
