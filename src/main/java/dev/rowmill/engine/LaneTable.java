package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which lanes of a run there are, who works on them, and how far they have come together. Safe for
 * many threads.
 */
final class LaneTable {

  private final @Nullable Integer only;
  private final Map<Integer, LaneState> lanes = new TreeMap<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Set<Integer> taken = new HashSet<>();

  /** Those whose rest is too small to be shared. */
  private final Set<Integer> whole = new HashSet<>();

  /** Those that other nodes work on; taken, too. */
  private final Set<Integer> away = new HashSet<>();

  /** Those whose holders here are asked to share for the sake of another node. */
  private final Set<Integer> asked = new HashSet<>();

  private int highest = -1;
  private int present;
  private int idle;
  private boolean closed;
  private @Nullable RunOutcome over;

  /**
   * @param only the one lane that workers may have, the others being there to be counted; null for
   *     all
   */
  LaneTable(Collection<LaneState> known, @Nullable Integer only) {
    this.only = only;
    learn(known);
  }

  /** Adds those lanes that are not known yet. */
  synchronized void learn(Collection<LaneState> stored) {
    for (LaneState lane : stored) {
      highest = Math.max(highest, lane.lane());
      boolean mine = only == null || only.equals(lane.lane());
      if (lanes.putIfAbsent(lane.lane(), lane) == null && mine && !lane.isDone()) {
        free.addLast(lane.lane());
      }
    }
    notifyAll();
  }

  /** A worker comes; false when it is too late for that. */
  synchronized boolean enter() {
    if (!closed) {
      present++;
    }
    return !closed;
  }

  /** A worker that had entered goes. */
  synchronized void exit() {
    present--;
    notifyAll();
  }

  /**
   * Takes a lane to work on. Where all are taken it waits for what comes of them: one may be split,
   * or left.
   *
   * @return empty when there is nothing more to do
   */
  synchronized Optional<LaneState> take() throws InterruptedException {
    idle++;
    try {
      while (over == null && free.isEmpty() && !(away.isEmpty() && whole.containsAll(taken))) {
        wait();
      }
      Integer lane = over == null ? free.pollFirst() : null;
      if (lane == null) {
        return Optional.empty();
      }
      taken.add(lane);
      return Optional.ofNullable(lanes.get(lane));
    } finally {
      idle--;
    }
  }

  /**
   * Gives a lane back.
   *
   * @param outcome how its work came out, another than success ends that on all lanes; null when it
   *     is left for others
   */
  synchronized void leave(LaneState lane, @Nullable RunOutcome outcome) {
    taken.remove(lane.lane());
    lanes.put(lane.lane(), lane);
    if (outcome == null) {
      free.addFirst(lane.lane());
    } else if (!(outcome instanceof RunOutcome.Succeeded) && !(over instanceof RunOutcome.Failed)) {
      over = outcome;
    }
    notifyAll();
  }

  /** Notes how far a lane is; gives how far all are. */
  synchronized Progress moved(LaneState lane) {
    lanes.put(lane.lane(), lane);
    return progress();
  }

  /** A lane that is known, as it is now. */
  synchronized LaneState state(int lane) {
    return Optional.ofNullable(lanes.get(lane)).orElseThrow();
  }

  /** How far all lanes have come together. */
  synchronized Progress progress() {
    return lanes.values().stream().map(LaneState::progress).reduce(Progress::plus).orElseThrow();
  }

  /**
   * Takes in how a lane of another node is.
   *
   * @return whether it has come further
   */
  synchronized boolean seenAway(LaneState lane) {
    LaneState before = lanes.get(lane.lane());
    highest = Math.max(highest, lane.lane());
    free.remove(Integer.valueOf(lane.lane()));
    taken.add(lane.lane());
    away.add(lane.lane());
    lanes.put(lane.lane(), lane);
    return before != null && before.progress().chunks() < lane.progress().chunks();
  }

  /** Takes a lane that is free for another node; false when it is free no more. */
  synchronized boolean takeForLending(int lane) {
    if (!free.remove(Integer.valueOf(lane))) {
      return false;
    }
    taken.add(lane);
    away.add(lane);
    return true;
  }

  /** Ends the work on all lanes, unless it has ended otherwise. */
  synchronized void end(RunOutcome outcome) {
    if (over == null) {
      over = outcome;
    }
    notifyAll();
  }

  synchronized boolean isAway(int lane) {
    return away.contains(lane);
  }

  /** A lane of another node is back. */
  synchronized void cameBack(LaneState lane, @Nullable RunOutcome outcome) {
    away.remove(lane.lane());
    leave(lane, outcome);
  }

  /** The lanes that nobody works on, but for as many as workers here wait for. */
  synchronized List<LaneState> spare() {
    return free.stream().skip(idle).map(lanes::get).filter(Objects::nonNull).toList();
  }

  /** How many lanes are worked on, here and elsewhere. */
  synchronized int working() {
    return taken.size();
  }

  /** Whether a worker here waits, and there is nothing for it. */
  synchronized boolean isIdle() {
    return idle > free.size();
  }

  /**
   * The largest rest that is worked on and can be shared.
   *
   * @param unbegun lanes that nobody has begun with
   */
  synchronized Optional<LaneState> largest(Set<Integer> unbegun) {
    return taken.stream()
        .filter(lane -> !whole.contains(lane) && !unbegun.contains(lane))
        .map(lanes::get)
        .filter(Objects::nonNull)
        .max(Comparator.comparing(LaneTable::left));
  }

  /** The newest of the lanes that other nodes work on. */
  synchronized Optional<LaneState> newestAway() {
    return away.stream().max(Comparator.naturalOrder()).map(lanes::get);
  }

  synchronized boolean hasAway() {
    return !away.isEmpty();
  }

  /** Asks the holder of a lane here to share its rest. */
  synchronized void ask(int lane) {
    asked.add(lane);
  }

  /** Whether the worker of this lane should share its rest: one is idle, and no rest is larger. */
  synchronized boolean isToShare(LaneState lane) {
    if (asked.remove(lane.lane())) {
      return true;
    }
    return idle > free.size()
        && !whole.contains(lane.lane())
        && taken.stream()
            .filter(other -> !whole.contains(other))
            .map(lanes::get)
            .allMatch(other -> other == null || left(other) <= left(lane));
  }

  /** Says that a lane's rest can't be shared. */
  synchronized void keepWhole(LaneState lane) {
    whole.add(lane.lane());
    notifyAll();
  }

  /** Rows that a lane has left, about; one that has come further than expected may have many. */
  static long left(LaneState lane) {
    Long total = lane.progress().rowsTotal();
    long scanned = lane.progress().rowsScanned();
    return total == null || scanned >= total ? Long.MAX_VALUE : total - scanned;
  }

  /** A number for one more lane, that nobody else gets. */
  synchronized int nextNumber() {
    return ++highest;
  }

  /** Whether the work has ended other than by success, on any lane. */
  synchronized boolean isOver() {
    return over != null;
  }

  /**
   * Lets nobody in any more, and waits until all but the caller have gone. Not to be interrupted:
   * what others still do must not outlast the run.
   *
   * @return how the work on all lanes came out; a run that left one undone has stopped
   */
  synchronized RunOutcome close() {
    boolean interrupted = false;
    closed = true;
    while (present > 1) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (over != null) {
      return over;
    }
    return lanes.values().stream().allMatch(LaneState::isDone)
        ? new RunOutcome.Succeeded(List.copyOf(lanes.values()))
        : new RunOutcome.Stopped();
  }
}
