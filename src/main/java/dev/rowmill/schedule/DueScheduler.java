package dev.rowmill.schedule;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.exceptions.ExecutionException;
import com.github.kagkarlsson.scheduler.jdbc.MySQL8JdbcCustomization;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.ScheduledStarts;
import dev.rowmill.batch.store.StatusListener;
import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Node;
import io.agroal.api.AgroalDataSource;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Executes what is due, through db-scheduler, on one node of those that run. db-scheduler polls
 * rarely; a look-ahead reads about once a second what is due next, and triggers the poll at these
 * moments. What a node has taken but not finished after a second is released, because that node may
 * be dead; to execute it twice does no harm. Safe for many threads.
 */
@ApplicationScoped
public class DueScheduler implements StatusListener {

  private static final Logger LOG = Logger.getLogger(DueScheduler.class);

  private static final int THREADS = 8;
  private static final Duration POLL = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** Leaves room for the polls and heartbeats within one query a second. */
  private static final Duration LOOK = Duration.ofMillis(1200);

  private static final Duration AHEAD = LOOK.multipliedBy(2);
  private static final Duration STALE = Duration.ofSeconds(1);

  /** Limits how long an execution waits for its time, of which its row has only the second. */
  private static final Duration LONGEST_WAIT = Duration.ofMillis(1500);

  private static final int MOST_ROWS = 500;

  private static final long CHECK_MILLIS = 100;

  /** Sets the share of the threads below which more is fetched, and up to which. */
  private static final double FETCH_BELOW = 0.5;

  private static final double FETCH_UP_TO = 1.0;

  private static final int NAME_LENGTH = 33;

  private final AgroalDataSource control;
  private final ControlTransactions transactions;
  private final ScheduledStarts starts;
  private final Instance<Firings> firings;
  private final LaunchQueue queue;
  private final ClusterConfig cluster;
  private final Node node;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-due", true));

  /** Holds the moments at which the timer looks ahead, apart from each interval. */
  private final Set<Instant> checks = ConcurrentHashMap.newKeySet();

  /** Holds the moments at which the timer triggers a poll. */
  private final Set<Instant> moments = ConcurrentHashMap.newKeySet();

  private volatile @Nullable Scheduler scheduler;

  DueScheduler(
      AgroalDataSource control,
      ControlTransactions transactions,
      ScheduledStarts starts,
      Instance<Firings> firings,
      Instance<LaunchQueue> queue,
      ClusterConfig cluster,
      Node node,
      Clock clock) {
    this.control = control;
    this.transactions = transactions;
    this.starts = starts;
    this.firings = firings;
    this.queue = queue.get();
    this.cluster = cluster;
    this.node = node;
    this.clock = clock;
  }

  /** Begins after the batches of an earlier process are resumed, and the instance lock is held. */
  void start(@Observes @Priority(3500) StartupEvent event) {
    if (!cluster.enabled()) {
      // No other process is running, so nobody is executing these.
      transactions.sql(connection -> DueTable.release(connection, clock.instant().plus(STALE)));
    }
    Scheduler created =
        Scheduler.create(
                control, task(DueTable.START, this::startBatch), task(DueTable.FIRE, this::fire))
            .tableName("due")
            .schedulerName(new SchedulerName.Fixed(schedulerName()))
            .threads(THREADS)
            .pollingInterval(POLL)
            // As in a cluster, see ClusterLaunchQueue.
            .jdbcCustomization(new MySQL8JdbcCustomization(true))
            .pollUsingLockAndFetch(FETCH_BELOW, FETCH_UP_TO)
            .heartbeatInterval(HEARTBEAT)
            .clock(clock::instant)
            .failureLogging(LogLevel.DEBUG, false)
            .shutdownMaxWait(Duration.ofSeconds(2))
            .build();
    scheduler = created;
    created.start();
    timer.scheduleWithFixedDelay(this::lookAhead, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private String schedulerName() {
    String name = node.name();
    return name.substring(0, Math.min(name.length(), NAME_LENGTH)) + "#" + node.id();
  }

  /** Executes what is due, and returns when it is due next; empty for never again. */
  private interface Work {
    Optional<Instant> run(long id, Instant due);
  }

  private Task<Void> task(String name, Work work) {
    return Tasks.custom(name, Void.class)
        .onDeadExecutionRevive()
        .onFailure(DueScheduler::again)
        .execute(
            (instance, context) -> {
              Execution execution = context.getExecution();
              Optional<Instant> next = run(work, execution);
              return (complete, operations) -> finish(complete, operations, next);
            });
  }

  /**
   * Leaves a failed execution for the next look-ahead. Its time is unchanged, because it identifies
   * the firing.
   */
  private static void again(ExecutionComplete complete, ExecutionOperations<Void> operations) {
    operations.reschedule(complete, complete.getExecution().executionTime);
  }

  private static Optional<Instant> run(Work work, Execution execution) {
    try {
      return work.run(Long.parseLong(execution.getId()), execution.executionTime);
    } catch (RuntimeException e) {
      LOG.warnf("%s %s is tried again: %s", execution.getTaskName(), execution.getId(), e);
      throw e;
    }
  }

  private void finish(
      ExecutionComplete complete, ExecutionOperations<Void> operations, Optional<Instant> next) {
    try {
      if (next.isPresent()) {
        operations.reschedule(complete, next.get());
        if (next.get().isBefore(clock.instant().plus(AHEAD))) {
          triggerAt(next.get());
        }
      } else {
        operations.remove();
      }
    } catch (ExecutionException | IllegalStateException e) {
      LOG.debugf("The row of %s was changed meanwhile", complete.getExecution());
    }
  }

  private Optional<Instant> startBatch(long id, Instant due) {
    ScheduledStarts.Due result = starts.start(id, clock.instant());
    Instant at =
        result
            .batch()
            .filter(batch -> batch.status() == BatchStatus.SCHEDULED)
            .map(batch -> batch.submission().startAt())
            .filter(time -> time.isAfter(clock.instant()))
            .orElse(null);
    if (at != null && waitFor(at)) {
      result = starts.start(id, clock.instant());
    } else if (at != null) {
      return Optional.of(at.truncatedTo(ChronoUnit.SECONDS));
    }
    result.toLaunch().ifPresent(queue::launch);
    return Optional.empty();
  }

  /** Waits for the rest of a second; returns false if the time is later. */
  private boolean waitFor(Instant time) {
    Duration left = Duration.between(clock.instant(), time);
    if (left.compareTo(LONGEST_WAIT) > 0) {
      return false;
    }
    try {
      while (!left.isNegative() && !left.isZero()) {
        TimeUnit.MILLISECONDS.sleep(Math.max(1, left.toMillis()));
        left = Duration.between(clock.instant(), time);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Optional<Instant> fire(long id, Instant due) {
    return firings.get().fire(id, due);
  }

  @Override
  public void changed(List<StatusChange> changes) {
    if (changes.stream().anyMatch(change -> change.status() == BatchStatus.SCHEDULED)) {
      lookAheadSoon();
    }
  }

  /** Reads at once what is due next, as this process has stored something. */
  void lookAheadSoon() {
    later(this::lookAhead, Duration.ZERO);
  }

  private void lookAhead() {
    try {
      Instant now = clock.instant();
      List<DueTable.Row> rows =
          transactions.read(connection -> DueTable.before(connection, now.plus(AHEAD), MOST_ROWS));
      boolean isStale = false;
      for (DueTable.Row row : rows) {
        if (!row.isPicked()) {
          triggerAt(row.at());
        } else if (row.pickedAt().plus(STALE).isBefore(now)) {
          isStale = true;
        } else {
          checkAt(row.pickedAt().plus(STALE));
        }
      }
      if (isStale
          && transactions.sql(connection -> DueTable.release(connection, now.minus(STALE))) > 0) {
        poll();
      }
    } catch (RuntimeException | Error e) {
      LOG.debug("What is due next can't be read yet", e);
    }
  }

  /** Triggers a poll at a moment, and checks a little later whether a node has died with it. */
  private void triggerAt(Instant at) {
    if (moments.add(at)) {
      Duration left = Duration.between(clock.instant(), at);
      later(
          () -> {
            moments.remove(at);
            poll();
          },
          left.isNegative() ? Duration.ZERO : left.plusMillis(1));
      checkAt(at.plus(STALE));
    }
  }

  /** Looks ahead shortly after a moment, at which a row that is still taken is stale. */
  private void checkAt(Instant stale) {
    // Rounded up, so that many rows cause few checks.
    Instant at = Instant.ofEpochMilli((stale.toEpochMilli() / CHECK_MILLIS + 1) * CHECK_MILLIS);
    if (checks.add(at)) {
      later(
          () -> {
            checks.remove(at);
            lookAhead();
          },
          Duration.between(clock.instant(), at));
    }
  }

  private void later(Runnable work, Duration delay) {
    try {
      timer.schedule(work, Math.max(0, delay.toMillis()), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The service is shutting down");
    }
  }

  private void poll() {
    Scheduler running = scheduler;
    if (running != null) {
      running.triggerCheckForDueExecutions();
    }
  }

  /** Stops before the pool drains, so that nothing is started any more. */
  void drain(@Observes @Priority(100) ShutdownDelayInitiatedEvent event) {
    stop();
  }

  void stop(@Observes @Priority(100) ShutdownEvent event) {
    stop();
  }

  private synchronized void stop() {
    timer.shutdownNow();
    Scheduler running = scheduler;
    scheduler = null;
    if (running != null) {
      running.stop();
    }
  }
}
