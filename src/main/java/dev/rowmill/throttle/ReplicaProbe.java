package dev.rowmill.throttle;

import dev.rowmill.database.ServerKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the seconds that a replica is behind. Its own connection stays open while a batch needs the
 * value. For the sampler's thread.
 */
final class ReplicaProbe implements Probe {

  private static final Logger LOG = Logger.getLogger(ReplicaProbe.class);

  private final Replica replica;
  private final Optional<Heartbeat> heartbeat;
  private final Measure lag;
  private @Nullable Connection connection;

  ReplicaProbe(Replica replica, Optional<Heartbeat> heartbeat, Measure lag) {
    this.replica = replica;
    this.heartbeat = heartbeat;
    this.lag = lag;
  }

  @Override
  public boolean isWanted(long now) {
    return lag.isWanted(now);
  }

  @Override
  public void sample() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = replica.connect();
      connection = open;
    }
    try (Statement statement = open.createStatement()) {
      double seconds =
          heartbeat.isPresent()
              ? heartbeat.get().age(statement)
              : ReplicaStatus.secondsBehind(statement, ServerKind.isMariaDb(open));
      lag.read(seconds, System.nanoTime());
    }
  }

  @Override
  public void failed(Throwable error) {
    lag.failed(error);
    // Close the connection after any error: the next try needs a working one.
    release();
  }

  @Override
  public void release() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        LOG.debug("The connection to a replica was lost before it was closed", e);
      }
    }
  }
}
