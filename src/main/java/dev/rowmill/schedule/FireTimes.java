package dev.rowmill.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Computes the times at which a schedule fires. Implementations are immutable. */
interface FireTimes {

  /** Limits the missed firings that are counted. */
  int MOST_COUNTED = 1000;

  /** Lists how far back the last firing is searched for, the nearest first. */
  List<Duration> LOOK_BACK =
      List.of(Duration.ofHours(2), Duration.ofDays(2), Duration.ofDays(62), Duration.ofDays(800));

  /** Returns the first time after a moment; empty when there is none. */
  Optional<Instant> next(Instant after);

  /**
   * Returns the last time that is not after a moment.
   *
   * @param from a time of this schedule that is not after that moment
   */
  default Instant last(Instant from, Instant atMost) {
    for (Duration back : LOOK_BACK) {
      Instant begin = atMost.minus(back);
      Instant found = begin.isBefore(from) ? from : next(begin).orElse(from);
      if (!found.isAfter(atMost)) {
        Instant last = found;
        for (Optional<Instant> more = next(last);
            more.isPresent() && !more.get().isAfter(atMost);
            more = next(last)) {
          last = more.get();
        }
        return last;
      }
    }
    return from;
  }

  /** Counts the times from one time to before another, up to {@link #MOST_COUNTED}. */
  default int count(Instant from, Instant before) {
    int count = 0;
    Instant at = from;
    while (at.isBefore(before) && count < MOST_COUNTED) {
      count++;
      at = next(at).orElse(before);
    }
    return count;
  }
}
