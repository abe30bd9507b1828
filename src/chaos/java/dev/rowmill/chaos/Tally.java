package dev.rowmill.chaos;

import dev.rowmill.chaos.ProjectRows.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Collects the results of all projects. Thread-safe. */
final class Tally {

  private record Serial(long batch, Interval interval) {}

  private final Set<Long> started = new HashSet<>();
  private final Set<Long> cancelAsked = new HashSet<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<Serial> serials = new ArrayList<>();
  private long rowsChecked;
  private long retries;

  synchronized void started(long batch) {
    started.add(batch);
  }

  synchronized void cancelAsked(long batch) {
    cancelAsked.add(batch);
  }

  synchronized boolean isCancelAsked(long batch) {
    return cancelAsked.contains(batch);
  }

  synchronized void ended(String status, boolean undo, long retriedChunks) {
    outcomes.merge((undo ? "undo " : "") + status, 1, Integer::sum);
    retries += retriedChunks;
  }

  synchronized void serial(long batch, Interval interval) {
    serials.add(new Serial(batch, interval));
  }

  synchronized void rowsChecked(long rows) {
    rowsChecked += rows;
  }

  synchronized Set<Long> started() {
    return Set.copyOf(started);
  }

  synchronized Map<String, Integer> outcomes() {
    return new TreeMap<>(outcomes);
  }

  synchronized long rowsChecked() {
    return rowsChecked;
  }

  synchronized long retries() {
    return retries;
  }

  /** Returns the number of compared intervals of serial work. */
  synchronized int serials() {
    return serials.size();
  }

  /** Returns the serial batches that changed rows at the same time. */
  synchronized List<String> overlaps() {
    List<Serial> sorted = new ArrayList<>(serials);
    sorted.sort(Comparator.comparing(serial -> serial.interval.from()));
    List<String> overlaps = new ArrayList<>();
    for (int i = 1; i < sorted.size(); i++) {
      Serial before = sorted.get(i - 1);
      Serial after = sorted.get(i);
      if (before.batch != after.batch && after.interval.from().isBefore(before.interval.to())) {
        overlaps.add(
            "serial batches "
                + before.batch
                + " and "
                + after.batch
                + " overlap: "
                + before.interval
                + ", "
                + after.interval);
      }
    }
    return overlaps;
  }
}
