package dev.rowmill.dispatch;

import io.agroal.api.AgroalDataSource;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One instance a database, held by a named lock of the server on a connection of its own. The
 * server lets it go when this process dies. Where the connection is lost the lock is taken again;
 * an instance that finds it taken by another ends itself. In between, fencing keeps every change
 * counting once.
 */
@ApplicationScoped
class InstanceLock {

  private static final Logger LOG = Logger.getLogger(InstanceLock.class);

  /** A lock's name has 64 characters at most; MySQL 9 has no MD5 any more. */
  static final String NAME = "CONCAT('rowmill.', LEFT(SHA2(DATABASE(), 256), 40))";

  /** Patience with an instance that is just ending. */
  private static final int FIRST_WAIT_SECONDS = 5;

  /**
   * The server lets go of a connection whose other end is gone without a word, and so of its lock,
   * after this long without a look; hours by default, in which nobody could take it.
   */
  private static final int IDLE_SECONDS = 20;

  /** Looks in a row that find the lock taken, before this instance gives up. */
  private static final int LOOKS_BEFORE_GIVING_UP = 30;

  private final AgroalDataSource control;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "rowmill-instance-lock");
            thread.setDaemon(true);
            return thread;
          });

  private @Nullable Connection holder;
  private int looksThatFoundItTaken;

  InstanceLock(AgroalDataSource control) {
    this.control = control;
  }

  /**
   * Takes the lock, and watches over it from now on.
   *
   * @throws IllegalStateException when another instance has it
   */
  synchronized void take() throws SQLException {
    if (!tryTake(FIRST_WAIT_SECONDS)) {
      throw new IllegalStateException(
          "another Rowmill is running on this database already. Stop it first, or give this one a"
              + " schema of its own in QUARKUS_DATASOURCE_JDBC_URL.");
    }
    watch.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  /** Lets the lock go. */
  void release() {
    watch.shutdownNow();
    synchronized (this) {
      close();
    }
  }

  /** Also keeps the server from closing an idle connection. */
  private synchronized void look() {
    try {
      if (holder != null && isTrue(holder, "SELECT IS_USED_LOCK(" + NAME + ") = CONNECTION_ID()")) {
        looksThatFoundItTaken = 0;
        return;
      }
    } catch (SQLException e) {
      LOG.debug("The connection that holds the instance lock is gone", e);
    }
    try {
      close();
      if (tryTake(0)) {
        LOG.info("The instance lock is held again, on a new connection");
        looksThatFoundItTaken = 0;
      } else if (++looksThatFoundItTaken >= LOOKS_BEFORE_GIVING_UP) {
        LOG.fatal("Another Rowmill has taken this database over; this one ends");
        watch.shutdown();
        Quarkus.asyncExit(1);
      }
    } catch (SQLException e) {
      LOG.debug("The instance lock can't be taken again yet", e);
    } catch (RuntimeException e) {
      LOG.warn("The instance lock can't be watched", e);
    }
  }

  private boolean tryTake(int waitSeconds) throws SQLException {
    Connection connection = control.getConnection();
    try {
      try (Statement session = connection.createStatement()) {
        session.execute("SET SESSION wait_timeout = " + IDLE_SECONDS);
      }
      if (isTrue(connection, "SELECT GET_LOCK(" + NAME + ", " + waitSeconds + ")")) {
        holder = connection;
        return true;
      }
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
    connection.close();
    return false;
  }

  private void close() {
    Connection connection = holder;
    holder = null;
    if (connection != null) {
      try (connection) {
        isTrue(connection, "SELECT RELEASE_LOCK(" + NAME + ")");
      } catch (SQLException e) {
        LOG.debug("The instance lock's connection is closed already", e);
      }
    }
  }

  private static boolean isTrue(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() && row.getInt(1) == 1;
    }
  }
}
