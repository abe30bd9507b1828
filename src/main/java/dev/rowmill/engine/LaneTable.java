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

/** Tracks the lanes of a run, their holders and their common progress. Safe for many threads. */
final class LaneTable {

  private final @Nullable Integer only;
  private final Map<Integer, LaneState> lanes = new TreeMap<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Set<Integer> taken = new HashSet<>();

  /** Holds the lanes whose rest is too small to be shared. */
  private final Set<Integer> indivisible = new HashSet<>();

  /** Holds the lanes leased to other nodes; they count as taken, too. */
  private final Set<Integer> leased = new HashSet<>();

  /** Holds the lanes whose holders here have to share their rest with another node. */
  private final Set<Integer> requested = new HashSet<>();

  private int highest = -1;
  private int present;
  private int idle;
  private boolean closed;
  private @Nullable RunOutcome over;

  /**
   * @param only the one lane that workers may take, the others are only counted; null for all
   */
  LaneTable(Collection<LaneState> known, @Nullable Integer only) {
    this.only = only;
    learn(known);
  }

  /** Adds the lanes that are not in the table yet. */
  synchronized void learn(Collection<LaneState> stored) {
    for (LaneState lane : stored) {
      highest = Math.max(highest, lane.lane());
      boolean included = only == null || only.equals(lane.lane());
      if (lanes.putIfAbsent(lane.lane(), lane) == null && included && !lane.isDone()) {
        free.addLast(lane.lane());
      }
    }
    notifyAll();
  }

  /** Registers a worker; returns false when the table is closed. */
  synchronized boolean enter() {
    if (!closed) {
      present++;
    }
    return !closed;
  }

  /** Removes a worker that had entered. */
  synchronized void exit() {
    present--;
    notifyAll();
  }

  /**
   * Takes a lane to work on. Where all are taken it waits until one is split or left.
   *
   * @param last whether to wait for the end of lanes that can't be shared, too, as their workers
   *     may leave them
   * @return empty when there is nothing more to do
   */
  synchronized Optional<LaneState> take(boolean last) throws InterruptedException {
    idle++;
    try {
      while (over == null
          && free.isEmpty()
          && !(leased.isEmpty() && (last ? taken.isEmpty() : indivisible.containsAll(taken)))) {
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
   * Returns a lane.
   *
   * @param outcome result of its work; any but success ends the work on all lanes; null when it is
   *     left for others
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

  /** Stores the progress of a lane; returns the progress of all lanes. */
  synchronized Progress moved(LaneState lane) {
    lanes.put(lane.lane(), lane);
    return progress();
  }

  /** Returns the current state of a lane in the table. */
  synchronized LaneState state(int lane) {
    return Optional.ofNullable(lanes.get(lane)).orElseThrow();
  }

  /** Returns the sum of the progress of all lanes. */
  synchronized Progress progress() {
    return lanes.values().stream().map(LaneState::progress).reduce(Progress::plus).orElseThrow();
  }

  /**
   * Stores the state of a lane that another node works on.
   *
   * @return whether it has progressed
   */
  synchronized boolean update(LaneState lane) {
    LaneState before = lanes.get(lane.lane());
    highest = Math.max(highest, lane.lane());
    free.remove(Integer.valueOf(lane.lane()));
    taken.add(lane.lane());
    leased.add(lane.lane());
    lanes.put(lane.lane(), lane);
    return before != null && before.progress().chunks() < lane.progress().chunks();
  }

  /** Takes a free lane for another node; returns false when it is no longer free. */
  synchronized boolean takeForLease(int lane) {
    if (!free.remove(Integer.valueOf(lane))) {
      return false;
    }
    taken.add(lane);
    leased.add(lane);
    return true;
  }

  /** Ends the work on all lanes, unless it has already ended. */
  synchronized void end(RunOutcome outcome) {
    if (over == null) {
      over = outcome;
    }
    notifyAll();
  }

  synchronized boolean isAway(int lane) {
    return leased.contains(lane);
  }

  /** Takes back a lane from another node. */
  synchronized void returned(LaneState lane, @Nullable RunOutcome outcome) {
    leased.remove(lane.lane());
    leave(lane, outcome);
  }

  /** Returns the free lanes, less as many as idle workers here wait for. */
  synchronized List<LaneState> spare() {
    return free.stream().skip(idle).map(lanes::get).filter(Objects::nonNull).toList();
  }

  /** Returns how many lanes are worked on, here and elsewhere. */
  synchronized int working() {
    return taken.size();
  }

  /** Returns whether there is a lane for one more worker here, or one that may be shared. */
  synchronized boolean isDivisible() {
    return free.size() > idle
        || taken.stream().anyMatch(lane -> !leased.contains(lane) && !indivisible.contains(lane));
  }

  /** Returns whether a worker here waits and no lane is free for it. */
  synchronized boolean isIdle() {
    return idle > free.size();
  }

  /**
   * Returns the lane with the largest rest that is worked on and can be shared.
   *
   * @param unbegun lanes whose work has not begun
   */
  synchronized Optional<LaneState> largest(Set<Integer> unbegun) {
    return taken.stream()
        .filter(lane -> !indivisible.contains(lane) && !unbegun.contains(lane))
        .map(lanes::get)
        .filter(Objects::nonNull)
        .max(Comparator.comparing(LaneTable::left));
  }

  /** Returns the newest of the lanes that other nodes work on. */
  synchronized Optional<LaneState> newestAway() {
    return leased.stream().max(Comparator.naturalOrder()).map(lanes::get);
  }

  synchronized boolean hasLeased() {
    return !leased.isEmpty();
  }

  /** Requests the holder of a lane here to share its rest. */
  synchronized void ask(int lane) {
    requested.add(lane);
  }

  /**
   * Returns whether the worker of this lane should share its rest: one is idle, and no rest is
   * larger.
   */
  synchronized boolean isToShare(LaneState lane) {
    if (requested.remove(lane.lane())) {
      return true;
    }
    return idle > free.size()
        && !indivisible.contains(lane.lane())
        && taken.stream()
            .filter(other -> !indivisible.contains(other))
            .map(lanes::get)
            .allMatch(other -> other == null || left(other) <= left(lane));
  }

  /** Records that a lane's rest can't be shared. */
  synchronized void markIndivisible(LaneState lane) {
    indivisible.add(lane.lane());
    notifyAll();
  }

  /** Returns the estimated rows left in a lane. One that exceeded its estimate may have many. */
  static long left(LaneState lane) {
    Long total = lane.progress().rowsTotal();
    long scanned = lane.progress().rowsScanned();
    return total == null || scanned >= total ? Long.MAX_VALUE : total - scanned;
  }

  /** Returns a unique number for one more lane. */
  synchronized int nextNumber() {
    return ++highest;
  }

  /** Returns whether the work has ended other than by success, on any lane. */
  synchronized boolean isOver() {
    return over != null;
  }

  /**
   * Closes the table to new workers, and waits until all but the caller have left. Not
   * interruptible: the other workers must not outlast the run.
   *
   * @return the outcome of all lanes; a run with an unfinished lane has stopped
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
