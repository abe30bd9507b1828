package dev.rowmill.progress;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Records the progress of a batch over time, in steps of equal length. Merges pairs of steps before
 * there are more than {@value #MAX}. For one thread.
 */
final class Timeline {

  static final int MAX = 240;
  private static final Duration FIRST_STEP = Duration.ofMillis(250);

  /** Sums up one step. */
  private static final class Sums {
    long rows;
    long missed;
    long chunks;
    long chunkNanos;
    long retries;
    int lanes;
    final Map<String, Long> laneChanges = new TreeMap<>();
    final Map<String, Long> waits = new TreeMap<>();

    static Sums of(StoredTimeline.Step step) {
      var sums = new Sums();
      sums.rows = step.r();
      sums.missed = step.m();
      sums.chunks = step.c();
      sums.chunkNanos = step.t();
      sums.retries = step.e();
      sums.lanes = step.l();
      sums.laneChanges.putAll(step.x());
      sums.waits.putAll(step.w());
      return sums;
    }

    StoredTimeline.Step stored() {
      return new StoredTimeline.Step(
          rows,
          missed,
          chunks,
          chunkNanos,
          retries,
          lanes,
          new TreeMap<>(laneChanges),
          new TreeMap<>(waits));
    }

    long scanned() {
      return rows + missed;
    }

    void add(Sums other) {
      rows += other.rows;
      missed += other.missed;
      chunks += other.chunks;
      chunkNanos += other.chunkNanos;
      retries += other.retries;
      lanes = other.lanes;
      other.laneChanges.forEach((reason, times) -> laneChanges.merge(reason, times, Long::sum));
      other.waits.forEach(this::waited);
    }

    void waited(String reason, long nanos) {
      waits.merge(reason, nanos, Long::sum);
    }
  }

  private final Instant start;
  private final long before;
  private List<Sums> steps = new ArrayList<>();
  private Duration step = FIRST_STEP;

  /** Holds the present number of lanes; 0 when unknown. */
  private int lanes;

  /**
   * Starts an empty timeline.
   *
   * @param before rows that were done before the start
   */
  Timeline(Instant start, long before, int lanes) {
    this.start = start.truncatedTo(ChronoUnit.MILLIS);
    this.before = before;
    this.lanes = lanes;
  }

  Timeline(StoredTimeline stored) {
    start = Instant.ofEpochMilli(stored.start());
    before = stored.before();
    step = Duration.ofMillis(stored.stepMillis());
    stored.steps().forEach(it -> steps.add(Sums.of(it)));
    lanes = steps.isEmpty() ? 0 : steps.get(steps.size() - 1).lanes;
  }

  StoredTimeline stored() {
    return new StoredTimeline(
        start.toEpochMilli(), before, step.toMillis(), steps.stream().map(Sums::stored).toList());
  }

  Duration step() {
    return step;
  }

  /**
   * Appends a later timeline. Rows done in between, in neither timeline, count as done at the start
   * of the later one, and for no rate.
   */
  void append(Timeline later) {
    while (step.compareTo(later.step) < 0) {
      halve();
    }
    long scanned = before + steps.stream().mapToLong(Sums::scanned).sum();
    at(later.start).missed += Math.max(0, later.before - scanned);
    for (int i = 0; i < later.steps.size(); i++) {
      at(later.begin(i)).add(later.steps.get(i));
    }
    lanes = later.lanes;
  }

  void chunkDone(Instant at, long rows, Duration took) {
    Sums sums = at(at);
    sums.rows += rows;
    sums.chunks++;
    sums.chunkNanos += took.toNanos();
  }

  void retried(Instant at) {
    at(at).retries++;
  }

  /** Records the number of lanes from a moment on. */
  void lanes(Instant at, int number) {
    Sums sums = at(at);
    lanes = number;
    sums.lanes = number;
  }

  /** Records a change of the number of lanes. */
  void lanesChanged(Instant at, int number, String reason) {
    lanes(at, number);
    at(at).laneChanges.merge(reason, 1L, Long::sum);
  }

  /**
   * Records a wait.
   *
   * @param at end of the wait
   */
  void waited(Instant at, String reason, Duration held) {
    // Divide the wait among the steps that it spans.
    long left = held.toNanos();
    at(at);
    int index = index(at);
    long part = Math.min(left, Math.max(0, Duration.between(begin(index), at).toNanos()));
    while (left > 0) {
      steps.get(index).waited(reason, index == 0 ? left : part);
      left -= index == 0 ? left : part;
      index--;
      part = Math.min(left, step.toNanos());
    }
  }

  /** Extends the timeline to a moment without further progress. */
  void extendTo(Instant now) {
    at(now);
  }

  TimelineView view() {
    List<TimelineView.Step> items = new ArrayList<>(steps.size());
    long scanned = before;
    double seconds = step.toNanos() / 1e9;
    for (int i = 0; i < steps.size(); i++) {
      Sums sums = steps.get(i);
      scanned += sums.scanned();
      items.add(
          new TimelineView.Step(
              begin(i),
              scanned,
              Math.round(sums.rows / seconds),
              sums.chunks == 0 ? null : sums.rows / sums.chunks,
              sums.chunks == 0 ? null : sums.chunkNanos / sums.chunks / 1_000 / 1e3,
              sums.chunks,
              sums.retries,
              sums.lanes == 0 ? null : Integer.valueOf(sums.lanes),
              sums.laneChanges.entrySet().stream()
                  .map(it -> new TimelineView.LaneChange(it.getKey(), it.getValue()))
                  .toList(),
              sums.waits.entrySet().stream()
                  .map(wait -> new TimelineView.Wait(wait.getKey(), wait.getValue() / 1_000_000))
                  .toList()));
    }
    return new TimelineView(step.toMillis(), items);
  }

  private Sums at(Instant at) {
    while (index(at) >= MAX) {
      halve();
    }
    while (steps.size() <= index(at)) {
      var added = new Sums();
      added.lanes = lanes;
      steps.add(added);
    }
    return steps.get(index(at));
  }

  private int index(Instant at) {
    return Math.toIntExact(Math.max(0, Duration.between(start, at).dividedBy(step)));
  }

  private Instant begin(int index) {
    return start.plus(step.multipliedBy(index));
  }

  private void halve() {
    List<Sums> halved = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      if (i % 2 == 0) {
        halved.add(steps.get(i));
      } else {
        halved.get(i / 2).add(steps.get(i));
      }
    }
    steps = halved;
    step = step.multipliedBy(2);
  }
}
