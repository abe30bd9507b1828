package dev.rowmill.throttle;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pace of one lane: asked before each chunk, told after each. While it is open the servers are
 * looked at for it, so close it. {@link #another()} is for any thread, all else for one.
 */
public final class Pace implements AutoCloseable {

  private static final Verdict GO = new Verdict.Go();

  private final SampledLimits sampled;
  private final HeldLocks held;
  private final Runnable wakeSampler;
  private final RowRate rate;

  private final LaneLimits own;
  private final LockWaits lockWaits = new LockWaits();

  private @Nullable Thresholds current;
  private List<Measure> wanted = List.of();
  private @Nullable Long connection;

  /**
   * @param wakeSampler is run when there is something new to sample
   */
  Pace(SampledLimits sampled, HeldLocks held, Runnable wakeSampler, RowRate rate) {
    this.sampled = sampled;
    this.held = held;
    this.wakeSampler = wakeSampler;
    this.rate = rate;
    this.own = new LaneLimits(rate);
  }

  /** The pace of another lane of the same batch: the rows per second are shared, nothing else. */
  public Pace another() {
    return new Pace(sampled, held, wakeSampler, rate);
  }

  /**
   * Says on which of the server's connections the next chunks run, so that those who wait for their
   * locks are noticed; without it nobody is. To be called again for each new connection.
   *
   * @param id what {@code SELECT CONNECTION_ID()} answers on it
   */
  public void connection(long id) {
    forgetConnection();
    connection = id;
    held.add(id, lockWaits);
  }

  private void forgetConnection() {
    if (connection != null) {
      held.remove(connection, lockWaits);
      connection = null;
    }
  }

  /**
   * Whether the next chunk may run. Does no I/O and does not wait. The limits may be others than
   * the last time, and then hold at once.
   *
   * <p>After {@link Verdict.Go} a chunk is expected, and {@link #chunkDone} when it is committed.
   * It does no harm to ask again instead, as when the chunk failed.
   */
  public Verdict next(Thresholds limits) {
    long now = System.nanoTime();
    want(limits, now);
    return limits.ignored()
        ? GO
        : sampled.judge(limits, lockWaits.worst(), now).or(() -> own.judge(limits, now)).orElse(GO);
  }

  private void want(Thresholds limits, long now) {
    if (limits.equals(current)) {
      return;
    }
    current = limits;
    List<Measure> before = wanted;
    wanted = sampled.needed(limits);
    boolean news = false;
    for (Measure measure : wanted) {
      news |= measure.acquire(now);
    }
    before.forEach(measure -> measure.release(now));
    if (news) {
      wakeSampler.run();
    }
  }

  /**
   * A chunk has been committed.
   *
   * @param rows what counts for rows per second
   * @param took the whole chunk, with its commit; zero when that is not known
   * @param commit the commit alone; zero when that is not known
   */
  public void chunkDone(long rows, Duration took, Duration commit) {
    own.chunkDone(rows, took, commit, System.nanoTime());
  }

  /** Wants nothing any more. */
  @Override
  public void close() {
    forgetConnection();
    own.settle(0);
    long now = System.nanoTime();
    wanted.forEach(measure -> measure.release(now));
    wanted = List.of();
    current = null;
  }
}
