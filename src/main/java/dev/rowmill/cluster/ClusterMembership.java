package dev.rowmill.cluster;

import dev.rowmill.batch.Hold;
import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.dispatch.pool.ActiveRuns;
import dev.rowmill.dispatch.pool.InstanceLock;
import dev.rowmill.dispatch.pool.Membership;
import dev.rowmill.dispatch.pool.Node;
import dev.rowmill.dispatch.pool.NodeView;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.progress.OtherNodes;
import dev.rowmill.progress.RunRecords;
import dev.rowmill.progress.Speed;
import io.agroal.api.AgroalDataSource;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.arc.lookup.LookupIfProperty;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Represents one node of several. A separate thread writes the node's row each second, and as soon
 * as the set of batches running here changes. Safe for many threads.
 */
@ApplicationScoped
@LookupIfProperty(name = "rowmill.cluster.enabled", stringValue = "true")
class ClusterMembership implements Membership, OtherNodes {

  private static final Logger LOG = Logger.getLogger(ClusterMembership.class);

  /**
   * Limits the wait for other nodes that are joining, and for an instance that is shutting down.
   */
  private static final int JOIN_WAIT_SECONDS = 10;

  private static final long POLL_MILLIS = 200;
  private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LAST_BEAT_SECONDS = 5;

  /** Sets after how many takeover times without a heartbeat the row of a node is deleted. */
  private static final int TAKEOVERS_RETAINED = 30;

  private final AgroalDataSource control;
  private final ControlTransactions transactions;
  private final NodeRows rows;
  private final Node node;
  private final ActiveRuns activeRuns;
  private final RunRecords records;
  private final Duration takeover;
  private final ScheduledExecutorService heart =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-node", true));

  /** Holds the runs of other nodes, as of the last full heartbeat. */
  private volatile Map<Long, NodeRun> elsewhere = Map.of();

  /** Holds the number of threads of each batch, as last written. */
  private Map<Long, Integer> written = Map.of();

  private long beatNanos;
  private boolean writable = true;

  /** Holds the id of the connection that had the instance lock at the last check, if any. */
  private Optional<Long> lockHolder = Optional.empty();

  /** Counts the last consecutive checks in which this connection had the lock. */
  private int checksFoundTaken;

  ClusterMembership(
      AgroalDataSource control,
      ControlTransactions transactions,
      NodeRows rows,
      Node node,
      ActiveRuns activeRuns,
      RunRecords records,
      ClusterConfig config) {
    this.control = control;
    this.transactions = transactions;
    this.rows = rows;
    this.node = node;
    this.activeRuns = activeRuns;
    this.records = records;
    takeover = config.takeover();
  }

  @Override
  public void join() throws SQLException {
    try (Connection connection = control.getConnection()) {
      // Hold the lock for the write only: a local instance that starts later sees the row.
      if (!InstanceLock.take(connection, JOIN_WAIT_SECONDS)) {
        throw new IllegalStateException(
            "a Rowmill that is not a node of a cluster is running on this database. Stop it first and"
                + " start it with rowmill.cluster.enabled=true like this one, or give this one a"
                + " schema of its own in QUARKUS_DATASOURCE_JDBC_URL.");
      }
      try {
        rows.write(connection, List.of());
      } finally {
        InstanceLock.release(connection);
      }
    }
    LOG.infof("Node %s (%s) joins the cluster", node.name(), node.id());
    heart.scheduleWithFixedDelay(this::check, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void leave() {
    heart.shutdownNow();
    try {
      if (!heart.awaitTermination(LAST_BEAT_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("The last heartbeat of this node takes long");
      }
      transactions.sql(connection -> rows.delete(connection));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warnf("Other nodes consider this node alive for %s: %s", takeover, e.getMessage());
    }
  }

  private void check() {
    try {
      List<NodeRun> runs = runs();
      Map<Long, Integer> threads = new HashMap<>();
      runs.forEach(run -> threads.put(run.batch(), run.threads().size()));
      boolean due = System.nanoTime() - beatNanos >= BEAT_NANOS;
      if (due || !threads.equals(written)) {
        transactions.read(connection -> beat(connection, runs, due));
        written = threads;
        if (!writable) {
          writable = true;
          LOG.info("This node can write its heartbeat again");
        }
      }
    } catch (RuntimeException e) {
      if (writable && !heart.isShutdown()) {
        writable = false;
        LOG.warnf("This node can't write its heartbeat: %s", e.getMessage());
      }
    }
  }

  private boolean beat(Connection connection, List<NodeRun> runs, boolean full)
      throws SQLException {
    rows.write(connection, runs);
    if (full) {
      beatNanos = System.nanoTime();
      List<NodeRow> all = rows.all(connection);
      elsewhere = elsewhere(all);
      Duration retention = takeover.multipliedBy(TAKEOVERS_RETAINED);
      for (NodeRow row : all) {
        if (row.silent().compareTo(retention) > 0) {
          rows.deleteSilent(connection, row.id(), retention);
        }
      }
      checkLock(InstanceLock.holder(connection));
    }
    return true;
  }

  /**
   * Exits when a local instance holds the lock: it may have started while this node was frozen and
   * counted as dead.
   */
  private void checkLock(Optional<Long> holder) {
    checksFoundTaken = holder.isEmpty() ? 0 : holder.equals(lockHolder) ? checksFoundTaken + 1 : 1;
    lockHolder = holder;
    if (checksFoundTaken >= InstanceLock.CHECKS_BEFORE_GIVING_UP) {
      LOG.fatal(
          "A Rowmill that is not a node of a cluster has taken over this database; this one stops");
      heart.shutdown();
      Quarkus.asyncExit(1);
    }
  }

  /** Returns the runs of this node. */
  private List<NodeRun> runs() {
    Map<Long, List<PoolView.Working>> threads = new LinkedHashMap<>();
    for (PoolView.Working thread : activeRuns.threads()) {
      if (thread.batch() != null) {
        threads.computeIfAbsent(thread.batch(), batch -> new ArrayList<>()).add(thread);
      }
    }
    return threads.entrySet().stream()
        .map(
            run ->
                new NodeRun(
                    run.getKey(),
                    String.valueOf(run.getValue().get(0).project()),
                    run.getValue().stream()
                        .map(it -> new NodeRun.WorkingThread(it.since(), it.stuckSince()))
                        .toList(),
                    activeRuns.hold(run.getKey()).orElse(null),
                    records.localSpeed(run.getKey()).map(NodeRun.Pace::of).orElse(null)))
        .toList();
  }

  /** Returns the runs of other nodes. Of several runs of one batch, the latest one counts. */
  private Map<Long, NodeRun> elsewhere(List<NodeRow> all) {
    Map<Long, NodeRun> found = new HashMap<>();
    all.stream()
        .filter(row -> row.isAlive(takeover) && !row.id().equals(node.id()))
        .flatMap(row -> row.runs().stream())
        .sorted(Comparator.comparing(NodeRun::since))
        .forEach(run -> found.put(run.batch(), run));
    return found;
  }

  @Override
  public boolean isCluster() {
    return true;
  }

  @Override
  public List<NodeView> nodes() {
    return now().map(row -> row.view(takeover)).toList();
  }

  /**
   * Returns all rows. The runs of this node are the present ones, not those of its last heartbeat.
   */
  private Stream<NodeRow> now() {
    return transactions.read(rows::all).stream()
        .map(row -> row.id().equals(node.id()) ? row.running(runs()) : row);
  }

  @Override
  public PoolView pool(PoolView own) {
    List<NodeRow> alive = now().filter(row -> row.isAlive(takeover)).toList();
    List<PoolView.Working> threads =
        alive.stream()
            .flatMap(NodeRow::working)
            .sorted(Comparator.comparing(PoolView.Working::since))
            .toList();
    return new PoolView(
        alive.stream().mapToInt(NodeRow::poolSize).sum(),
        threads.size(),
        own.queued(),
        own.queueCapacity(),
        threads,
        own.serial());
  }

  @Override
  public Optional<Hold> hold(long batch) {
    return Optional.ofNullable(elsewhere.get(batch)).map(NodeRun::hold);
  }

  @Override
  public Optional<Speed> speed(long batch) {
    return Optional.ofNullable(elsewhere.get(batch)).flatMap(NodeRun::speed);
  }
}
