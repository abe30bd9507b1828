package dev.rowmill.cluster;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.exceptions.ExecutionException;
import com.github.kagkarlsson.scheduler.jdbc.MySQL8JdbcCustomization;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Directive;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchRequests;
import dev.rowmill.batch.store.LaneLeases;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.cluster.LaunchTable.LaneName;
import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.dispatch.pool.ActiveRuns;
import dev.rowmill.dispatch.pool.ActiveRuns.Launched;
import dev.rowmill.dispatch.pool.BatchRunner;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.LaunchRetries;
import dev.rowmill.dispatch.pool.Node;
import dev.rowmill.dispatch.pool.PoolConfig;
import dev.rowmill.dispatch.pool.PoolMetrics;
import dev.rowmill.dispatch.pool.PoolSlots;
import dev.rowmill.dispatch.pool.PoolThreads;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.dispatch.pool.Slot;
import dev.rowmill.engine.LogContext;
import dev.rowmill.engine.RunControl;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.arc.lookup.LookupIfProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Launches batches on the threads of one of several nodes. db-scheduler assigns each launch to one
 * node, checks its heartbeat, and reassigns the launch when that fails. Requests made through other
 * nodes are read from the batch's row several times a second. Safe for many threads.
 */
@ApplicationScoped
@LookupIfProperty(name = "rowmill.cluster.enabled", stringValue = "true")
class ClusterLaunchQueue implements LaunchQueue {

  private static final Logger LOG = Logger.getLogger(ClusterLaunchQueue.class);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final long WATCH_MILLIS = 250;

  /** Sets after how many watch cycles the waiting launches are counted again. */
  private static final int COUNT_EVERY = 4;

  /** Sets how many heartbeats a node may miss; db-scheduler accepts no less. */
  private static final int MISSED = 4;

  /**
   * Sets how many heartbeat intervals a takeover takes at most. A dead node's launch misses its
   * heartbeats for {@code MISSED} intervals. db-scheduler checks for dead ones every second
   * interval, and picking the launch takes one more.
   */
  private static final int INTERVALS_TO_TAKE_OVER = MISSED + 2 + 1;

  /** Limits the length of the node name in {@code picked_by}, where the node's id follows. */
  private static final int NAME_LENGTH = 33;

  private static final Duration SHORTEST_TAKEOVER = Duration.ofSeconds(5);

  private static final Duration RECONCILE = Duration.ofSeconds(10);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /** Sets the share of the threads up to which launches are fetched, no more than they can run. */
  private static final double FETCH = 1.0;

  private final PoolConfig config;
  private final ClusterConfig cluster;
  private final ActiveRuns activeRuns;
  private final PoolThreads threads;
  private final BatchRunner runner;
  private final Node node;
  private final ProjectQueues queues;
  private final BatchRequests requests;
  private final BatchHistory history;
  private final LaneLeases leases;
  private final ControlTransactions transactions;
  private final AgroalDataSource control;
  private final Clock clock;
  private final LaunchRetries launchRetries;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-watch", true));

  private final ScheduledExecutorService reconciler =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("rowmill-reconcile", true));

  /** Holds when the database was last unreachable, by {@link System#nanoTime}. */
  private volatile long troubleNanos = System.nanoTime();

  private @Nullable Scheduler scheduler;

  /** Counts the launches that no node had picked at the last count, and the starts since. */
  private final PoolSlots slots;

  /** Holds the batches of the serial queue as last read, the one whose turn it is first. */
  private volatile List<Long> serialQueue = List.of();

  private int polls;

  ClusterLaunchQueue(
      PoolConfig config,
      ClusterConfig cluster,
      ActiveRuns activeRuns,
      PoolThreads threads,
      BatchRunner runner,
      Node node,
      ProjectQueues queues,
      BatchRequests requests,
      BatchHistory history,
      LaneLeases leases,
      ControlTransactions transactions,
      AgroalDataSource control,
      Clock clock,
      MeterRegistry metrics) {
    this.config = config;
    this.cluster = cluster;
    this.activeRuns = activeRuns;
    this.threads = threads;
    this.runner = runner;
    this.node = node;
    this.queues = queues;
    this.requests = requests;
    this.history = history;
    this.leases = leases;
    this.transactions = transactions;
    this.control = control;
    this.clock = clock;
    this.slots = new PoolSlots(config, activeRuns, new PoolMetrics(metrics, this), this::enqueue);
    this.launchRetries = new LaunchRetries(queues, batch -> poll());
  }

  @Override
  public int begin() {
    if (cluster.takeover().compareTo(SHORTEST_TAKEOVER) < 0) {
      throw new IllegalStateException(
          "rowmill.cluster.takeover must be "
              + SHORTEST_TAKEOVER.toSeconds()
              + " seconds or more; otherwise a slow node would be considered dead");
    }
    int left = LaunchTable.reconcile(queues, transactions);
    Task<Long> batches = task(LaunchTable.TASK, this::runBatch);
    Task<Long> lanes = task(LaunchTable.LANE_TASK, this::runLane);
    Scheduler created =
        Scheduler.create(control, batches, lanes)
            .tableName("launch")
            .schedulerName(new SchedulerName.Fixed(schedulerName()))
            .executorService(threads.executor())
            .threads(config.size())
            .pollingInterval(POLL)
            // The MariaDB customization of db-scheduler 16.12 has no lock-and-fetch, and fetching
            // without it piles up launches before a busy pool. MariaDB accepts this one's
            // statements, too.
            .jdbcCustomization(new MySQL8JdbcCustomization(true))
            .pollUsingLockAndFetch(allButOne(), FETCH)
            .heartbeatInterval(heartbeat())
            .missedHeartbeatsLimit(MISSED)
            .serializer(new IdSerializer())
            .clock(clock::instant)
            .failureLogging(LogLevel.WARN, false)
            // The threads are ended before; do not wait for one that hangs.
            .shutdownMaxWait(Duration.ZERO)
            .build();
    scheduler = created;
    created.start();
    watch.scheduleWithFixedDelay(this::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    reconciler.scheduleWithFixedDelay(
        this::reconcile, RECONCILE.toMillis(), RECONCILE.toMillis(), TimeUnit.MILLISECONDS);
    return left;
  }

  /**
   * Returns the share of the threads below which more launches are fetched: as soon as one is free.
   * Half a thread of margin protects against rounding.
   */
  private double allButOne() {
    return (config.size() - 0.5) / config.size();
  }

  /** Returns a name for display only; db-scheduler identifies a pick by instance and version. */
  private String schedulerName() {
    String name = node.name();
    return name.substring(0, Math.min(name.length(), NAME_LENGTH)) + "#" + node.id();
  }

  private Task<Long> task(String name, Consumer<Execution> work) {
    return Tasks.custom(name, Long.class)
        .onDeadExecution(this::revive)
        .onFailure(new FailureHandler.OnFailureRetryLater<Long>(AFTER_FAILURE))
        .execute(
            (launch, context) -> {
              if (slots.isDraining()) {
                return ClusterLaunchQueue::reschedule;
              }
              work.accept(context.getExecution());
              return ClusterLaunchQueue::remove;
            });
  }

  /**
   * Hands a launch to another node. Its time is unchanged, so it runs before batches that have not
   * begun.
   */
  private static void reschedule(ExecutionComplete complete, ExecutionOperations<Long> operations) {
    operations.reschedule(complete, complete.getExecution().executionTime);
  }

  private void revive(ExecutionComplete complete, ExecutionOperations<Long> operations) {
    Duration quiet = Duration.ofNanos(System.nanoTime() - troubleNanos);
    if (quiet.compareTo(heartbeat().multipliedBy(MISSED)) < 0) {
      // The database was unreachable, so live nodes could not send heartbeats; give them another
      // chance.
      return;
    }
    LOG.infof("The launch %s of a dead node is rescheduled", complete.getExecution());
    reschedule(complete, operations);
  }

  private Duration heartbeat() {
    return cluster.takeover().dividedBy(INTERVALS_TO_TAKE_OVER);
  }

  @Override
  public Slot reserve() {
    return slots.reserve();
  }

  private boolean enqueue(BatchView batch) {
    poll();
    return true;
  }

  /** Polls at once instead of waiting, since the launch was stored together with the batch. */
  @Override
  public void launch(BatchView batch) {
    poll();
  }

  private void poll() {
    Scheduler running = scheduler;
    if (running != null && !slots.isDraining()) {
      running.triggerCheckForDueExecutions();
    }
  }

  private void runBatch(Execution execution) {
    history
        .find(LaunchName.of(execution.getId()).batch())
        .filter(batch -> isToRun(batch, execution))
        .ifPresent(
            batch ->
                run(
                    activeRuns.add(batch),
                    control -> runner.run(batch, control, slots::isDraining)));
  }

  private void runLane(Execution execution) {
    LaneName launch = LaneName.of(execution.getId());
    var lane = new LaneLeases.Lane(launch.batch(), launch.lane());
    history
        .find(launch.batch())
        .ifPresent(
            batch ->
                run(
                    activeRuns.addLane(batch, launch.lane()),
                    control -> runner.runLeased(lane, launch.lease(), control, slots::isDraining)));
  }

  private void run(Launched entry, Consumer<RunControl> work) {
    LogContext.of(
            entry.batch(),
            () -> {
              activeRuns.begin(entry);
              try {
                work.accept(entry.control());
              } finally {
                activeRuns.remove(entry);
                poll();
              }
            })
        .run();
  }

  /** Removes a launch that is done; one that was taken over has no row of its own any more. */
  private static void remove(ExecutionComplete complete, ExecutionOperations<Long> operations) {
    try {
      operations.remove();
    } catch (ExecutionException e) {
      LOG.debugf("The launch %s was taken over", complete.getExecution().getId());
    }
  }

  /** Checks whether this is the newest launch of an active batch, and still this node's. */
  private boolean isToRun(BatchView batch, Execution execution) {
    return (batch.status() == BatchStatus.QUEUED || batch.status() == BatchStatus.RUNNING)
        && transactions.read(
            connection ->
                LaunchTable.isNewest(
                    connection, LaunchName.of(execution.getId()), execution.version));
  }

  /** Forwards requests that were made through other nodes to the runs of this one. */
  private void watch() {
    try {
      Set<Long> ids =
          activeRuns.all().stream().map(entry -> entry.batch().id()).collect(Collectors.toSet());
      Map<Long, Directive> directives = requests.directives(ids);
      for (Launched entry : activeRuns.all()) {
        Directive own = directives.get(entry.batch().id());
        if (own != null) {
          forward(entry, own);
        }
      }
      requestShare();
      if (polls++ % COUNT_EVERY == 0) {
        slots.setOccupied(transactions.read(LaunchTable::waiting));
        serialQueue = transactions.read(SerialQueueTable::all);
      }
    } catch (RuntimeException | Error e) {
      troubleNanos = System.nanoTime();
      LOG.debug("Requests to batches can't be read yet", e);
    }
  }

  private void reconcile() {
    try {
      int left = LaunchTable.reconcile(queues, transactions);
      if (left > 0) {
        LOG.infof("%d batches without a launch are queued again", left);
      }
    } catch (RuntimeException | Error e) {
      LOG.debug("Batches without a launch can't be searched for yet", e);
    }
  }

  private void requestShare() {
    Map<LaneLeases.Lane, Launched> lanes = new HashMap<>();
    for (Launched entry : activeRuns.all()) {
      entry
          .lane()
          .ifPresent(lane -> lanes.put(new LaneLeases.Lane(entry.batch().id(), lane), entry));
    }
    leases
        .toShare(lanes.keySet().stream().map(LaneLeases.Lane::batch).collect(Collectors.toSet()))
        .forEach(
            lane ->
                Optional.ofNullable(lanes.get(lane))
                    .ifPresent(entry -> entry.control().requestShare()));
  }

  private void forward(Launched entry, Directive directive) {
    // A batch's own run claims it after the launch, which raises the epoch; a lane is leased after
    // the claim.
    int own = entry.batch().epoch() + (entry.lane().isPresent() ? 0 : 1);
    if (directive.isForced()) {
      entry.control().stop().force();
    } else if (directive.isToStop() || directive.epoch() > own) {
      entry.control().stop().request();
    }
    entry.control().change(directive.settings());
  }

  @Override
  public void stop(long batch, boolean force) {
    activeRuns.stop(batch, force);
  }

  @Override
  public void revisit(String project) {
    launchRetries.add(project);
  }

  @Override
  public Map<Long, Long> serialPositions() {
    Map<Long, Long> positions = new HashMap<>();
    transactions.read(SerialQueueTable::all).stream()
        .skip(1)
        .forEach(batch -> positions.put(batch, positions.size() + 1L));
    return positions;
  }

  @Override
  public PoolView view() {
    List<Long> serial = serialQueue;
    return slots.view(
        slots.taken() + Math.max(0, serial.size() - 1),
        serial.isEmpty() ? null : serial.get(0),
        serial.stream().skip(1).toList());
  }

  @Override
  public boolean isDraining() {
    return slots.isDraining();
  }

  /** Stops the batches here and queues them again, so other nodes can take them at once. */
  @Override
  public boolean drain(Duration atMost) {
    slots.drain();
    launchRetries.close();
    watch.shutdownNow();
    reconciler.shutdownNow();
    Scheduler running = scheduler;
    if (running != null) {
      running.pause();
    }
    activeRuns.all().forEach(entry -> entry.control().stop().request());
    boolean ended = threads.end(atMost);
    if (running != null) {
      running.stop();
      if (ended) {
        release();
      }
    }
    return ended;
  }

  /** Releases launches that were fetched last and got no thread. */
  private void release() {
    try {
      transactions.sql(connection -> LaunchTable.release(connection, schedulerName()));
    } catch (RuntimeException e) {
      LOG.warnf("The launches of this node wait until it counts as dead: %s", e.getMessage());
    }
  }
}
