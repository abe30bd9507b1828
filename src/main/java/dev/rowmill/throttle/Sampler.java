package dev.rowmill.throttle;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Queries the servers on one thread for the whole node, while a batch needs the values. Each probe
 * runs once in a period. The period is extended where so many probes would exceed the query budget.
 * The main server's probes come first. A slow probe, such as that of an unreachable replica, gets a
 * fifth of the time at most.
 *
 * <p>Thread-safe, except for {@link #turn()}.
 */
final class Sampler implements AutoCloseable {

  private static final long NAP_WHEN_IDLE = TimeUnit.HOURS.toNanos(1);
  private static final long SHARE = TimeUnit.SECONDS.toNanos(1) / QueryBudget.QUERIES_A_SECOND;
  private static final int SLOW = 5;
  private static final Duration PATIENCE_AT_END = Duration.ofSeconds(3);

  private final List<Turn> turns;
  private final long interval;
  private final LongSupplier nanoTime;
  private final QueryBudget budget = new QueryBudget();

  private volatile long period;
  private volatile boolean closed;
  private @Nullable Thread thread;

  /** Holds when a probe is due. */
  private static final class Turn {
    final Probe probe;
    final boolean first;
    long due;

    Turn(Probe probe, boolean first, long due) {
      this.probe = probe;
      this.first = first;
      this.due = due;
    }

    boolean isBefore(Turn other) {
      return first == other.first ? due - other.due < 0 : first;
    }
  }

  /**
   * @param main probes that come first whenever they are due
   * @param interval minimum length of a period
   */
  Sampler(List<Probe> main, List<Probe> others, Duration interval, LongSupplier nanoTime) {
    long now = nanoTime.getAsLong();
    this.turns =
        Stream.concat(
                main.stream().map(probe -> new Turn(probe, true, now)),
                others.stream().map(probe -> new Turn(probe, false, now)))
            .toList();
    this.interval = interval.toNanos();
    this.nanoTime = nanoTime;
    this.period = interval.toNanos();
  }

  /** Returns how long it takes at present to run all probes once. */
  Duration period() {
    return Duration.ofNanos(period);
  }

  /** Wakes the thread because there is something new to query. */
  synchronized void wake() {
    if (closed) {
      return;
    }
    if (thread == null || !thread.isAlive()) {
      thread = new Thread(this::run, "rowmill-throttle");
      thread.setDaemon(true);
      thread.start();
    }
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      long nap = turn();
      if (nap > 0) {
        LockSupport.parkNanos(this, nap);
      }
    }
    turns.forEach(turn -> turn.probe.release());
  }

  /**
   * Runs the next probe, when one is due.
   *
   * @return nanoseconds until there may be something to do
   */
  long turn() {
    long now = nanoTime.getAsLong();
    Turn next = null;
    long nap = NAP_WHEN_IDLE;
    int wanted = 0;
    for (Turn turn : turns) {
      if (!turn.probe.isWanted(now)) {
        turn.probe.release();
        turn.due = now;
        continue;
      }
      wanted++;
      if (turn.due - now > 0) {
        nap = Math.min(nap, turn.due - now);
      } else if (next == null || turn.isBefore(next)) {
        next = turn;
      }
    }
    period = Math.max(interval, wanted * SHARE);
    if (next == null) {
      return nap;
    }
    long untilFree = budget.untilFree(now);
    if (untilFree > 0) {
      return untilFree;
    }
    budget.spend(now);
    boolean succeeded = sample(next.probe);
    long took = nanoTime.getAsLong() - now;
    next.due = now + Math.max(period, took + pause(next, succeeded, took));
    return 0;
  }

  /**
   * Returns the pause of a probe after its turn. A slow server is queried less often. A server that
   * did not respond is tried again soon, as batches wait for it. The main server is tried soonest:
   * without it there is nothing else to query.
   */
  private long pause(Turn turn, boolean succeeded, long took) {
    if (succeeded) {
      return (SLOW - 1) * took;
    }
    return turn.first ? Math.min(interval, took) : took;
  }

  private static boolean sample(Probe probe) {
    try {
      probe.sample();
      return true;
    } catch (SQLException | RuntimeException e) {
      probe.failed(e);
      return false;
    }
  }

  /** Ends the thread and closes its resources. */
  @Override
  public void close() {
    closed = true;
    Thread ending;
    synchronized (this) {
      ending = thread;
    }
    if (ending != null) {
      LockSupport.unpark(ending);
      try {
        ending.join(PATIENCE_AT_END.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
