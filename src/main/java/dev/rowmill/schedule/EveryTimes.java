package dev.rowmill.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Fires after each interval of real time since a moment, whatever the clocks show.
 *
 * @param interval at least one second
 * @param anchor moment from which the intervals are counted; it is no firing itself
 */
record EveryTimes(Duration interval, Instant anchor) implements FireTimes {

  @Override
  public Optional<Instant> next(Instant after) {
    if (after.isBefore(anchor)) {
      return Optional.of(anchor.plus(interval));
    }
    long done = Duration.between(anchor, after).dividedBy(interval);
    return Optional.of(anchor.plus(interval.multipliedBy(done + 1)));
  }

  @Override
  public Instant last(Instant from, Instant atMost) {
    return from.plus(interval.multipliedBy(Duration.between(from, atMost).dividedBy(interval)));
  }
}
