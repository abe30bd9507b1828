package dev.rowmill.dispatch.pool;

import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.Rows;
import io.agroal.api.AgroalDataSource;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.arc.lookup.LookupUnlessProperty;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the only node of its database, which holds the instance lock on a separate connection. Takes
 * the lock again when that connection is lost. An instance exits when another one holds the lock,
 * or when nodes of a cluster are alive. Until then, fencing ensures that each change takes effect
 * exactly once.
 */
@ApplicationScoped
@LookupUnlessProperty(name = "rowmill.cluster.enabled", stringValue = "true")
class LocalMembership implements Membership {

  private static final Logger LOG = Logger.getLogger(LocalMembership.class);

  /** Limits the wait for an instance that is shutting down. */
  private static final int FIRST_WAIT_SECONDS = 5;

  private static final String ALIVE =
      "SELECT CONCAT(name, ' (', id, ')') FROM node"
          + " WHERE seen_at >= UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND ORDER BY name, id";

  private final AgroalDataSource control;
  private final Node node;
  private final PoolConfig pool;
  private final ClusterConfig config;
  private final ActiveRuns activeRuns;
  private final Clock clock;
  private final Instant started;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("rowmill-instance-lock", true));

  private @Nullable Connection holder;
  private int checksFoundTaken;

  LocalMembership(
      AgroalDataSource control,
      Node node,
      PoolConfig pool,
      ClusterConfig config,
      ActiveRuns activeRuns,
      Clock clock) {
    this.control = control;
    this.node = node;
    this.pool = pool;
    this.config = config;
    this.activeRuns = activeRuns;
    this.clock = clock;
    started = clock.instant();
  }

  @Override
  public synchronized void join() throws SQLException {
    if (!tryTake(FIRST_WAIT_SECONDS)) {
      throw new IllegalStateException(
          "another Rowmill is running on this database already. Stop it first, or give this one a"
              + " schema of its own in QUARKUS_DATASOURCE_JDBC_URL.");
    }
    List<String> others;
    try {
      others = aliveNodes();
    } catch (SQLException | RuntimeException e) {
      close();
      throw e;
    }
    if (!others.isEmpty()) {
      close();
      throw new IllegalStateException(
          "these nodes of a cluster are running on this database: "
              + String.join(", ", others)
              + ". Start this one with rowmill.cluster.enabled=true like them, or stop them"
              + " first; one that was killed counts as alive for another "
              + config.takeover().toSeconds()
              + " s. Or give this one a schema of its own in QUARKUS_DATASOURCE_JDBC_URL.");
    }
    watch.scheduleWithFixedDelay(this::check, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void leave() {
    watch.shutdownNow();
    synchronized (this) {
      close();
    }
  }

  /** Checks the lock, which also prevents the server from closing an idle connection. */
  private synchronized void check() {
    try {
      // After a failover, the connection must be to the new server, and hold the lock there.
      if (holder != null && holder.isValid(0) && InstanceLock.isHeldBy(holder)) {
        checksFoundTaken = 0;
        return;
      }
    } catch (SQLException e) {
      LOG.debug("The connection that held the instance lock is lost", e);
    }
    try {
      close();
      if (tryTake(0) && aliveNodes().isEmpty()) {
        LOG.info("The instance lock is held again, on a new connection");
        checksFoundTaken = 0;
        return;
      }
      close();
      if (++checksFoundTaken >= InstanceLock.CHECKS_BEFORE_GIVING_UP) {
        LOG.fatal("Another Rowmill has taken over this database; this one stops");
        watch.shutdown();
        Quarkus.asyncExit(1);
      }
    } catch (SQLException e) {
      LOG.debug("The instance lock can't be taken again yet", e);
    } catch (RuntimeException e) {
      LOG.warn("The instance lock can't be checked", e);
    }
  }

  private boolean tryTake(int waitSeconds) throws SQLException {
    Connection connection = control.getConnection();
    try {
      if (InstanceLock.take(connection, waitSeconds)) {
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
        InstanceLock.release(connection);
      } catch (SQLException e) {
        LOG.debug("The connection of the instance lock is already closed", e);
      }
    }
  }

  private List<String> aliveNodes() throws SQLException {
    try (Connection connection = control.getConnection()) {
      return Rows.query(connection, ALIVE, row -> row.getString(1), config.takeover().toMillis());
    }
  }

  @Override
  public boolean isCluster() {
    return false;
  }

  @Override
  public List<NodeView> nodes() {
    return List.of(
        new NodeView(
            node.id(),
            node.name(),
            started,
            clock.instant(),
            true,
            node.version(),
            pool.size(),
            NodeView.Running.of(activeRuns.threads())));
  }

  @Override
  public PoolView pool(PoolView own) {
    return own;
  }
}
