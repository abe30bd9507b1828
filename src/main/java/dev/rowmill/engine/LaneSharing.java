package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.Checkpoints;
import dev.rowmill.batch.store.LaneLeases;
import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.ConnectionCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Decides what a run does because other nodes of a cluster may work on its lanes or take it over.
 * Outside of a cluster, all lanes stay on this node. Safe for many threads.
 */
@ApplicationScoped
class LaneSharing {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  private final ClusterConfig cluster;
  private final LaneLeases leases;
  private final LaneBudget budget;
  private final Map<DataSource, ConnectionCache> caches = new ConcurrentHashMap<>();

  LaneSharing(ClusterConfig cluster, LaneLeases leases, LaneBudget budget) {
    this.cluster = cluster;
    this.leases = leases;
    this.budget = budget;
  }

  LaneBudget budget() {
    return budget;
  }

  /**
   * Returns a manager of connections for chunks. In a cluster, a run that takes over can find and
   * close them.
   *
   * @param work of the batch
   * @param opened receives the server's id of each connection
   */
  RunConnection connection(DataSource pool, BatchWork work, LongConsumer opened) {
    return RunConnection.forChunks(
        pool,
        caches.computeIfAbsent(pool, ConnectionCache::new),
        // A run finds the session as another run of the same statement left it, like its chunks.
        work.task() + " " + work.sql(),
        opened,
        cluster.enabled());
  }

  /**
   * Returns the executor for further lanes. In a cluster, the threads of the pool belong to the
   * scheduler, which launches as many batches as there are threads.
   *
   * @param unbounded executor that never queues a task
   */
  LanePool helpers(LanePool pool, Executor unbounded) {
    return cluster.enabled() ? new Unbounded(pool, unbounded, budget) : pool;
  }

  /** Runs lanes beside the threads of a pool, and counts the automatic ones as if on them. */
  private record Unbounded(LanePool pool, Executor threads, LaneBudget budget) implements LanePool {
    @Override
    public void execute(Runnable lane) {
      threads.execute(lane);
    }

    @Override
    public int spare() {
      return pool.spare() - budget.used();
    }
  }

  /**
   * Returns whether other nodes may work on the lanes of a batch. Limits on rows allow no other
   * node: they need the counts of chunks before they are committed.
   */
  boolean mayLease(BatchView batch) {
    return cluster.enabled()
        && batch.safeguards().bounds().maxRows() == null
        && batch.settings().limits().rowsPerSecond() == null;
  }

  /**
   * Returns a number for a further lane of a run, unique in its batch.
   *
   * @param lane any lane of the run
   */
  int nextNumber(LaneTable table, LaneState lane, Connection connection) throws SQLException {
    return cluster.enabled() ? Checkpoints.nextNumber(connection, lane) : table.nextNumber();
  }

  LaneLeases leases() {
    return leases;
  }

  /**
   * Reports to the node that has leased a lane to this one that its rest is too small to be shared.
   */
  void refuseToShare(LaneState lane) {
    try {
      leases.refuseToShare(new LaneLeases.Lane(lane.batch(), lane.lane()));
    } catch (RuntimeException e) {
      LOG.debug("The refusal to share a lane can't be stored; another request for it follows", e);
    }
  }
}
