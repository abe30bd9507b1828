package dev.rowmill.cluster;

import dev.rowmill.dispatch.pool.NodeView;
import dev.rowmill.dispatch.pool.PoolView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Represents the row of a node. Times are the database's.
 *
 * @param silent time from its last heartbeat until the row was read
 * @param runs the longest-running first
 */
record NodeRow(
    String id,
    String name,
    String version,
    int poolSize,
    Instant since,
    Instant seen,
    Duration silent,
    List<NodeRun> runs) {

  boolean isAlive(Duration takeover) {
    return silent.compareTo(takeover) <= 0;
  }

  /** Returns a copy with other runs. */
  NodeRow running(List<NodeRun> others) {
    return new NodeRow(id, name, version, poolSize, since, seen, silent, others);
  }

  Stream<PoolView.Working> working() {
    return runs.stream().flatMap(NodeRun::working);
  }

  NodeView view(Duration takeover) {
    return new NodeView(
        id,
        name,
        since,
        seen,
        isAlive(takeover),
        version,
        poolSize,
        runs.stream()
            .map(run -> new NodeView.Running(run.batch(), run.project(), run.since()))
            .toList());
  }
}
