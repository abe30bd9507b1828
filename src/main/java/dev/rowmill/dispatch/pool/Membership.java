package dev.rowmill.dispatch.pool;

import java.sql.SQLException;
import java.util.List;

/**
 * Lists the nodes on this database, including this one, and lets this one join and leave.
 * Implementations are safe for many threads.
 */
public interface Membership {

  /**
   * Joins the nodes, until {@link #leave}. From then on this node checks whether it may still run,
   * and exits when not.
   *
   * @throws IllegalStateException when the present nodes don't allow it; the message says what to
   *     do
   */
  void join() throws SQLException;

  /** Leaves the nodes. Does nothing for a node that has not joined. */
  void leave();

  /** Checks whether there may be other nodes. */
  boolean isCluster();

  /**
   * Returns the nodes, oldest first. Throws a runtime exception with the SQL error among its causes
   * when the database can't be reached.
   */
  List<NodeView> nodes();

  /**
   * Combines the pools of all live nodes into one. Throws as {@link #nodes} does.
   *
   * @param own this node's pool, with the queues that all nodes share
   */
  PoolView pool(PoolView own);
}
