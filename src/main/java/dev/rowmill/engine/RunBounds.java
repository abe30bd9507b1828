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

  /** Holds rows that lanes have changed in chunks that the lane table may not include yet. */
  private final Map<Integer, Long> inHand = new HashMap<>();

  /**
   * @param before how long earlier runs took
   * @param time that this one takes
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
   * Why the run ends for the time that it took; empty when it may go on.
   *
   * @param open whether it was not held back by its window
   */
  Optional<Failure> spent(boolean open) {
    Long most = bounds.maxDurationMillis();
    Duration took = before.plus(time.look(open));
    return most == null || took.toMillis() < most
        ? Optional.empty()
        : Optional.of(
            new Failure(
                "too-long-running",
                Map.of("maxDurationMillis", most, "ranMillis", took.toMillis()),
                List.of()));
  }

  /**
   * Says that a lane has changed rows, in a transaction that is to be committed.
   *
   * @param done what all lanes have done, as far as is known
   * @throws Refusal {@code too-many-rows} when that would be more than there may be
   */
  synchronized void changed(int lane, long rows, Supplier<Progress> done) {
    Long most = bounds.maxRows();
    if (most == null) {
      return;
    }
    inHand.put(lane, rows);
    long all = done.get().rowsChanged() + inHand.values().stream().mapToLong(Long::longValue).sum();
    if (all > most) {
      inHand.remove(lane);
      refuse(most, all);
    }
  }

  /** Says that it is known what came of what a lane had in hand. */
  synchronized void settled(int lane) {
    inHand.remove(lane);
  }

  /**
   * Says how many rows a run has changed that commits by itself.
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
