package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.Hold;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The nodes at work on this database, this one among them. Implementations are safe for many
 * threads.
 */
public interface Membership {

  /**
   * Takes part, until {@link #leave}. From then on this node looks whether it still may, and ends
   * itself when not.
   *
   * @throws IllegalStateException when those at work do not allow it, with what to do
   */
  void join() throws SQLException;

  /** Takes part no longer. Does nothing for one that does not. */
  void leave();

  /** Whether there may be other nodes. */
  boolean isCluster();

  /**
   * The nodes, oldest first. Throws a runtime exception with the SQL error among its causes when
   * the database can't be reached.
   */
  List<NodeView> nodes();

  /**
   * The pools of all nodes that are alive as one. Throws as {@link #nodes} does.
   *
   * @param own this node's, with what is queued and in line for all
   */
  PoolView pool(PoolView own);

  /** What holds a batch back now that runs on another node, as of some seconds ago at most. */
  Optional<Hold> hold(long batch);
}
