package dev.rowmill.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Defines when a schedule fires, and what it starts. Stored as JSON. Immutable.
 *
 * @param cron five fields; null for a schedule with an interval
 * @param every ISO duration; null for a schedule with a cron
 * @param zone time zone of the cron and of relative parameters
 * @param until time after which it does not fire; null for no end
 * @param anchor moment from which intervals are counted, in whole seconds
 * @param start JSON object: the members of the body of a start
 * @param secrets names of the parameters whose values are never shown
 */
public record ScheduleDefinition(
    @Nullable String cron,
    @Nullable String every,
    String zone,
    WhenBusy onBusy,
    WhenMissed onMissed,
    @Nullable Instant until,
    Instant anchor,
    String start,
    Set<String> secrets) {

  public ScheduleDefinition {
    secrets = Set.copyOf(secrets);
  }

  /** Returns a copy with the names of its secret parameters. */
  public ScheduleDefinition hiding(Set<String> names) {
    return new ScheduleDefinition(cron, every, zone, onBusy, onMissed, until, anchor, start, names);
  }

  /** Returns a copy that counts its interval like the one that it replaces, if that is equal. */
  public ScheduleDefinition replacing(ScheduleDefinition before) {
    return Objects.equals(every, before.every)
        ? new ScheduleDefinition(
            cron, every, zone, onBusy, onMissed, until, before.anchor, start, secrets)
        : this;
  }

  /** Returns a copy in another zone. */
  public ScheduleDefinition withZone(String other) {
    return new ScheduleDefinition(
        cron, every, other, onBusy, onMissed, until, anchor, start, secrets);
  }

  /**
   * Checks that its cron can be parsed.
   *
   * @throws IllegalArgumentException when not; the message says why
   */
  public void check() {
    times();
  }

  /** Checks whether it fires after a moment. */
  public boolean fires(Instant after) {
    return times().next(after).filter(it -> until == null || !it.isAfter(until)).isPresent();
  }

  /**
   * Returns the times at which it fires.
   *
   * @throws IllegalArgumentException when the cron is not valid; the message says why
   */
  FireTimes times() {
    if (cron != null) {
      return CronTimes.of(cron, ZoneId.of(zone));
    }
    if (every == null) {
      throw new IllegalArgumentException("neither cron nor every");
    }
    return new EveryTimes(Duration.parse(every), anchor);
  }
}
