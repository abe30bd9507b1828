package dev.rowmill.throttle;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares the measurements of a lane's own chunks with the limits of its batch. For one thread;
 * several lanes may share the row rate.
 */
final class LaneLimits {

  private static final long NOTHING_TAKEN = -1;

  private final RowRate rate;
  private final CommitLatency commits = new CommitLatency();
  private final NiceDelay rest = new NiceDelay();
  private long rowsTaken = NOTHING_TAKEN;
  private long rowsOfLastChunk;

  LaneLimits(RowRate rate) {
    this.rate = rate;
  }

  void chunkDone(long rows, Duration took, Duration commit, long now) {
    settle(rows);
    rowsOfLastChunk = rows;
    rest.chunkDone(took.toNanos(), now);
    if (!commit.isZero()) {
      commits.committed(commit.toNanos());
    }
  }

  /** Registers the actual number of rows of the chunk that was permitted. */
  void settle(long rows) {
    if (rowsTaken != NOTHING_TAKEN) {
      rate.settle(rowsTaken, rows);
      rowsTaken = NOTHING_TAKEN;
    }
  }

  /**
   * Returns why the next chunk has to wait; empty when it may run, and its rows are then taken from
   * the rate.
   */
  Optional<Verdict> judge(Thresholds limits, long now) {
    return commits(limits.commitLatency(), now)
        .or(() -> nice(limits.nice(), now))
        .or(() -> rows(limits.rowsPerSecond(), now));
  }

  private Optional<Verdict> commits(Duration limit, long now) {
    long pause = limit.toNanos() <= 0 ? 0 : commits.pause(limit.toNanos(), now);
    return pause <= 0
        ? Optional.empty()
        : closed(
            Reason.COMMIT_LATENCY,
            pause,
            "commits take %s; limit %s"
                .formatted(Figures.time(commits.mean()), Figures.time(limit.toNanos())));
  }

  private Optional<Verdict> nice(double nice, long now) {
    long pause = rest.left(nice, now);
    return pause <= 0
        ? Optional.empty()
        : closed(
            Reason.NICE,
            pause,
            "pause of %s times the duration of the last chunk, %s"
                .formatted(nice, Figures.time(rest.took())));
  }

  private Optional<Verdict> rows(@Nullable Long perSecond, long now) {
    if (perSecond == null || rowsTaken != NOTHING_TAKEN) {
      return Optional.empty();
    }
    long pause = rate.take(rowsOfLastChunk, perSecond, now);
    if (pause <= 0) {
      rowsTaken = rowsOfLastChunk;
      return Optional.empty();
    }
    return closed(
        Reason.ROWS_PER_SECOND,
        pause,
        "the rows so far suffice for another %s; limit %d rows per second"
            .formatted(Figures.time(pause), perSecond));
  }

  private static Optional<Verdict> closed(Reason reason, long pauseNanos, String detail) {
    return Optional.of(new Verdict.Wait(reason, detail, Duration.ofNanos(pauseNanos)));
  }
}
