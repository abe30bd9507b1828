package dev.rowmill.throttle;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Throttles one lane: the lane checks it before each chunk and updates it after each. The servers
 * are sampled for it until it is closed. {@link #another()} and {@link #othersRunning()} are for
 * any thread, all other methods are for one.
 */
public final class Pace implements AutoCloseable {

  private static final Verdict GO = new Verdict.Go();

  private final SampledLimits sampled;
  private final HeldLocks held;
  private final RunningChunks running;
  private final Runnable wakeSampler;
  private final RowRate rate;

  private final LaneLimits own;
  private final LockWaits lockWaits = new LockWaits();

  private @Nullable Thresholds current;
  private List<Measure> wanted = List.of();
  private @Nullable Long connection;
  private boolean inChunk;

  /**
   * @param wakeSampler is run when there is something new to sample
   */
  Pace(
      SampledLimits sampled,
      HeldLocks held,
      RunningChunks running,
      Runnable wakeSampler,
      RowRate rate) {
    this.sampled = sampled;
    this.held = held;
    this.running = running;
    this.wakeSampler = wakeSampler;
    this.rate = rate;
    this.own = new LaneLimits(rate);
  }

  /** Returns the pace of another lane of the same batch. Both share only the rows per second. */
  public Pace another() {
    return new Pace(sampled, held, running, wakeSampler, rate);
  }

  /**
   * Returns how many statements the server ran at the last sample, without the chunks of this node
   * and without the sample itself; 0 when unknown.
   */
  public long othersRunning() {
    return Math.max(0, sampled.threadsRunning() - 1);
  }

  /**
   * Sets the server connection of the next chunks, so that waits for their locks are measured.
   * Without a connection none are. Must be called again for each new connection.
   *
   * @param id result of {@code SELECT CONNECTION_ID()} on it
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
   * Returns whether the next chunk may run. Does no I/O and does not wait. The limits may differ
   * from those of the last call, and apply at once.
   *
   * <p>After {@link Verdict.Go} the caller runs a chunk, and calls {@link #chunkDone} when it is
   * committed. After a failed chunk it may call this method again instead.
   */
  public Verdict next(Thresholds limits) {
    long now = System.nanoTime();
    want(limits, now);
    Verdict verdict =
        limits.ignored()
            ? GO
            : sampled
                .judge(limits, lockWaits.worst(), now)
                .or(() -> own.judge(limits, now))
                .orElse(GO);
    inChunk(verdict == GO);
    return verdict;
  }

  private void inChunk(boolean now) {
    if (now != inChunk) {
      inChunk = now;
      running.change(now ? 1 : -1);
    }
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
   * Records a committed chunk.
   *
   * @param rows number of rows that count for rows per second
   * @param took time of the whole chunk, with its commit; zero when unknown
   * @param commit time of the commit alone; zero when unknown
   */
  public void chunkDone(long rows, Duration took, Duration commit) {
    inChunk(false);
    own.chunkDone(rows, took, commit, System.nanoTime());
  }

  /** Releases all measures and the connection. */
  @Override
  public void close() {
    forgetConnection();
    inChunk(false);
    own.settle(0);
    long now = System.nanoTime();
    wanted.forEach(measure -> measure.release(now));
    wanted = List.of();
    current = null;
  }
}
