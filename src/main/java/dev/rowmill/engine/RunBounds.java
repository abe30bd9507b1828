package dev.rowmill.engine;

import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.Window;
import dev.rowmill.task.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Enforces the bounds of a batch on its run. Safe for the threads of the run. */
final class RunBounds {

  private final Bounds bounds;
  private final Duration before;
  private final RunTime time;
  private final Clock clock;

  /** Holds the rows changed by chunks that the lane table may not include yet, by lane. */
  private final Map<Integer, Long> rowsByLane = new HashMap<>();

  /**
   * @param before time of the earlier runs
   * @param time time of this run
   */
  RunBounds(Bounds bounds, Duration before, RunTime time, Clock clock) {
    this.bounds = bounds;
    this.before = before;
    this.time = time;
    this.clock = clock;
  }

  /**
   * Returns when the batch may run next, such as {@code 22:00 Europe/Berlin}; empty when it may
   * now.
   */
  Optional<String> closedUntil() {
    Window window = bounds.window();
    Instant now = clock.instant();
    return window == null || window.isOpen(now) ? Optional.empty() : Optional.of(window.opens(now));
  }

  /**
   * Returns why the run ends because of its duration; empty when it may continue.
   *
   * @param open whether its window is open, so the time counts
   */
  Optional<Failure> spent(boolean open) {
    Long most = bounds.maxDurationMillis();
    Duration took = before.plus(time.read(open));
    return most == null || took.toMillis() < most
        ? Optional.empty()
        : Optional.of(
            new Failure(
                "too-long-running",
                Map.of("maxDurationMillis", most, "ranMillis", took.toMillis()),
                List.of()));
  }

  /**
   * Registers the rows that a lane has changed in a transaction before its commit.
   *
   * @param done supplier of the known progress of all lanes
   * @throws Refusal {@code too-many-rows} when the sum would exceed the limit
   */
  synchronized void changed(int lane, long rows, Supplier<Progress> done) {
    Long most = bounds.maxRows();
    if (most == null) {
      return;
    }
    rowsByLane.put(lane, rows);
    long all =
        done.get().rowsChanged() + rowsByLane.values().stream().mapToLong(Long::longValue).sum();
    if (all > most) {
      rowsByLane.remove(lane);
      refuse(most, all);
    }
  }

  /**
   * Adds the outcome of the current chunk of a lane to the lane table. Until then no other lane is
   * checked, which would count the rows of the chunk twice.
   *
   * @param moved adds it
   * @return progress of all lanes
   */
  synchronized Progress settled(int lane, Supplier<Progress> moved) {
    rowsByLane.remove(lane);
    return moved.get();
  }

  /**
   * Checks the rows that a task has changed and committed itself.
   *
   * @throws Refusal as {@link #changed}
   */
  void hasChanged(long rows) {
    Long most = bounds.maxRows();
    if (most != null && rows > most) {
      refuse(most, rows);
    }
  }

  private static void refuse(long most, long rows) {
    throw new Refusal("too-many-rows", Map.of("planned", rows, "maxRows", most, "exact", false));
  }
}
