package dev.rowmill.dispatch;

import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Membership;
import dev.rowmill.dispatch.pool.NodeView;
import dev.rowmill.dispatch.pool.PoolView;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.List;

/**
 * Reports the state of the pool and of the nodes. Safe for many threads. Throws a runtime exception
 * with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class PoolStatus {

  private final LaunchQueue queue;
  private final Membership membership;

  PoolStatus(Instance<LaunchQueue> queue, Instance<Membership> membership) {
    this.queue = queue.get();
    this.membership = membership.get();
  }

  /** Checks whether new batches are rejected because the service is shutting down. */
  public boolean isDraining() {
    return queue.isDraining();
  }

  /** Returns the present state of the pool over all nodes. */
  public PoolView pool() {
    return membership.pool(queue.view());
  }

  /** Checks whether this node is part of a cluster. */
  public boolean isCluster() {
    return membership.isCluster();
  }

  /** Returns the active nodes, oldest first. */
  public List<NodeView> nodes() {
    return membership.nodes();
  }
}
