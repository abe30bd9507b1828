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
 * Asks the servers, on one thread for the whole node, while somebody wants to know. Each probe has
 * its turn once in a period; the period is stretched where so many probes would be over the budget
 * of queries. The main server's come first, and a probe that takes long, such as that of a replica
 * that is gone, has a fifth of the time at most.
 *
 * <p>Thread-safe, but for {@link #turn()}.
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

  /** When a probe is due. */
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
   * @param interval a period, at least
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

  /** How long it takes at present until everything has been asked again. */
  Duration period() {
    return Duration.ofNanos(period);
  }

  /** There is something new to ask. */
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
    turns.forEach(turn -> turn.probe.rest());
  }

  /**
   * Lets the next probe ask, when one is due.
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
        turn.probe.rest();
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
    boolean answered = ask(next.probe);
    long took = nanoTime.getAsLong() - now;
    next.due = now + Math.max(period, took + rest(next, answered, took));
    return 0;
  }

  /**
   * How long a probe is left alone after its turn. A server that is slow is spared. One that did
   * not answer is to be known of soon when it does again, as batches wait for that: the main server
   * soonest, as without it there is nothing else to ask for.
   */
  private long rest(Turn turn, boolean answered, long took) {
    if (answered) {
      return (SLOW - 1) * took;
    }
    return turn.first ? Math.min(interval, took) : took;
  }

  private static boolean ask(Probe probe) {
    try {
      probe.ask();
      return true;
    } catch (SQLException | RuntimeException e) {
      probe.failed(e);
      return false;
    }
  }

  /** Ends the thread; what it holds is closed. */
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
