package dev.rowmill.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Chooses the number of lanes of a batch from the speed of its chunks. It begins with one lane and
 * adds one as a trial. The trial lane stays if two of at most four measurements show that all lanes
 * together have become faster by a clear margin, and commits not much slower. One measurement alone
 * may be disturbed. Otherwise the lane is removed, as any lane is at once when a signal shows that
 * the server is under load. After a removal it waits before the next trial, longer each time. Lanes
 * are added one by one and removed at once, as in the limiters of Netflix' concurrency-limits.
 *
 * <p>The first trial begins after about six chunks. Many batches take about a second, and would
 * otherwise end before a second lane has paid. An early trial costs little, as its lane works.
 *
 * <p>Computes only: callers pass the time, as of {@link System#nanoTime()}. For one thread.
 */
final class AutomaticLanes {

  /**
   * Represents a change of the number of lanes.
   *
   * @param lanes number of lanes from now on
   * @param reason for callers, such as {@link #TRIAL} or the name of a throttle
   */
  record Change(int lanes, String reason) {}

  /** Names the reason of an added lane. */
  static final String TRIAL = "trial";

  /** Names the reason of a lane that is removed because the speed has not risen. */
  static final String NO_GAIN = "no-gain";

  /** Names the reason of a lane that is removed because it made commits slower. */
  static final String SLOW_COMMITS = "slow-commits";

  static final int MOST = 16;

  /** Sets how many chunks of each lane a speed is measured over at least. */
  private static final int CHUNKS_A_LANE = 3;

  /** Sets the same before the first trial: two short measurements, the faster of which counts. */
  private static final int FIRST_CHUNKS = 2;

  /** Limits the wait for the first chunk of each lane, in chunks of each. */
  private static final int SETTLING_CHUNKS = 16;

  /** Sets how many measurements a trial must pass. */
  private static final int PASSES = 2;

  /** Sets how many it may miss before its lane is removed; any may be disturbed. */
  private static final int MISSES = 3;

  /** Sets the shortest measurement of a trial, and before the first one. */
  private static final long SHORT_WINDOW = Duration.ofMillis(20).toNanos();

  /** Sets the shortest measurement between trials, which decides whether the lanes stay. */
  private static final long LONG_WINDOW = Duration.ofMillis(500).toNanos();

  /** Sets the time that the rest of the work must take at least; else it ends in its lanes. */
  private static final long WORTH_A_LANE = Duration.ofMillis(200).toNanos();

  private static final long FIRST_WAIT = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_WAIT = Duration.ofMinutes(1).toNanos();

  /** Sets the share of a lane's fair part by which the speed must rise. */
  private static final double GAIN = 0.1;

  private static final double LEAST_GAIN = 0.05;

  /** Sets the share of a lane's fair part that must be gained for a next trial without a wait. */
  private static final double HIGH_GAIN = 0.8;

  /** Sets the share of the speed with one lane less below which a lane is removed later. */
  private static final double LOSS = 0.9;

  private static final double SLOWER_COMMITS = 2;
  private static final long NOTICEABLE_COMMIT = Duration.ofMillis(10).toNanos();

  /**
   * Holds what was measured over some chunks.
   *
   * @param speed rows per second of all lanes
   * @param commit median nanoseconds of a commit; the mean would follow a single slow one
   */
  private record Measured(double speed, long commit) {}

  private static final Measured NONE = new Measured(0, 0);

  private int lanes = 1;

  /** Stores whether the newest lane is on trial. */
  private boolean trial;

  /** Counts the measurements of the trial that it has passed. */
  private int passed;

  /** Counts the measurements of the trial that it has failed. */
  private int missed;

  /** Holds the newest two measurements with each number of lanes, the newest first. */
  private final Measured[][] measured = new Measured[MOST + 1][2];

  private long wait = FIRST_WAIT;
  private long waitUntil;
  private boolean waiting;
  private long addedAt;

  /** Holds the lanes that have committed a chunk since the last change. */
  private final Set<Integer> seen = new HashSet<>();

  private int settling;
  private boolean measuring;
  private long windowBegan;
  private long rows;
  private final List<Long> commits = new ArrayList<>();

  AutomaticLanes() {
    for (Measured[] each : measured) {
      Arrays.fill(each, NONE);
    }
  }

  /** Returns the number of lanes. */
  int lanes() {
    return lanes;
  }

  /**
   * Records a committed chunk.
   *
   * @param lane number of its lane
   * @param left rows that are left for all lanes; {@link Long#MAX_VALUE} when unknown
   * @param mayAdd takes what a further lane needs; returns false when it is not available
   * @return the change of the number of lanes that follows; empty for none
   */
  Optional<Change> chunkDone(
      long now, int lane, long scanned, Duration commit, long left, BooleanSupplier mayAdd) {
    if (!measuring) {
      // The first chunks of a lane prepare its statements, or find its range.
      boolean again = !seen.add(lane);
      measuring = (again && seen.size() >= lanes) || ++settling > SETTLING_CHUNKS * lanes;
      windowBegan = now;
      return Optional.empty();
    }
    rows += scanned;
    commits.add(commit.toNanos());
    long took = now - windowBegan;
    boolean settled = !trial && (waiting || lanes > 1);
    int enough = trial || settled ? CHUNKS_A_LANE * lanes : FIRST_CHUNKS;
    if (commits.size() < enough || took < (settled ? LONG_WINDOW : SHORT_WINDOW)) {
      return Optional.empty();
    }
    Collections.sort(commits);
    var newest = new Measured(rows * 1e9 / took, commits.get(commits.size() / 2));
    measureFrom(now);
    return judge(newest, now, left, mayAdd);
  }

  private Optional<Change> judge(Measured now, long at, long left, BooleanSupplier mayAdd) {
    Measured before = best(lanes - 1);
    boolean first = measured[lanes][0] == NONE;
    measured[lanes][1] = measured[lanes][0];
    measured[lanes][0] = now;
    if (trial) {
      boolean slow = now.commit > NOTICEABLE_COMMIT && now.commit > SLOWER_COMMITS * before.commit;
      if (!slow && now.speed >= before.speed * (1 + Math.max(LEAST_GAIN, GAIN / (lanes - 1)))) {
        passed++;
      } else if (++missed == MISSES) {
        return remove(at, lanes - 1, slow ? SLOW_COMMITS : NO_GAIN);
      }
      trial = passed < PASSES;
      if (best(lanes).speed < before.speed * (1 + HIGH_GAIN / (lanes - 1))) {
        // The lanes already share what they need, so the next one will hardly gain.
        pause(at, FIRST_WAIT);
      }
    } else if (now.speed < before.speed * LOSS) {
      return remove(at, lanes - 1, NO_GAIN);
    }
    waiting = waiting && at - waitUntil < 0;
    boolean worth = left * 1e9 >= now.speed * WORTH_A_LANE;
    if (trial || first || waiting || lanes >= MOST || !worth || !mayAdd.getAsBoolean()) {
      return Optional.empty();
    }
    trial = true;
    passed = 0;
    missed = 0;
    Arrays.fill(measured[lanes + 1], NONE);
    addedAt = at;
    return change(lanes + 1, TRIAL);
  }

  /** Returns the faster one of the newest measurements, as any may have been disturbed. */
  private Measured best(int number) {
    Measured[] newest = measured[number];
    return newest[0].speed < newest[1].speed ? newest[1] : newest[0];
  }

  /**
   * Records a signal that the batch puts load on the server, such as a throttle or a retry.
   *
   * @param most number of lanes that remain, at least one
   * @return the change that follows; empty when there are no more lanes
   */
  Optional<Change> reduce(long now, int most, String reason) {
    if (lanes > most) {
      return remove(now, most, reason);
    }
    // What is measured meanwhile says nothing about the next lane.
    pause(now, wait);
    settle();
    return Optional.empty();
  }

  /** Begins no trial for some time. */
  private void pause(long now, long time) {
    waiting = true;
    waitUntil = now + time;
  }

  private Optional<Change> remove(long now, int fewer, String reason) {
    boolean lasted = now - addedAt > 2 * wait;
    long pause = lasted ? FIRST_WAIT : wait;
    pause(now, pause);
    wait = Math.min(LONGEST_WAIT, 2 * pause);
    trial = false;
    return change(fewer, reason);
  }

  private Optional<Change> change(int to, String reason) {
    lanes = to;
    settle();
    return Optional.of(new Change(to, reason));
  }

  private void settle() {
    seen.clear();
    settling = 0;
    measuring = false;
    measureFrom(0);
  }

  private void measureFrom(long now) {
    windowBegan = now;
    rows = 0;
    commits.clear();
  }
}
