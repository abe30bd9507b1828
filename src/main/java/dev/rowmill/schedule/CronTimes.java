package dev.rowmill.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Fires at the local times that a cron of five fields names, in a zone. Where the clocks change,
 * each named time fires once: one that is skipped fires at the moment of the change, and one that
 * occurs twice fires at its first occurrence.
 *
 * <p>A cron whose hour is {@code *} fires by real time instead, if the change leaves its pattern of
 * minutes as it is, as a change by whole hours always does. So it fires in each real hour.
 * Immutable.
 */
final class CronTimes implements FireTimes {

  private static final int FIELDS = 5;
  private static final int MINUTES = 60;

  /** Limits the clock changes until the next firing: more than those of a hundred years. */
  private static final int MOST_CHANGES = 400;

  private static final Set<String> EVERY_HOUR = Set.of("*", "*/1", "0-23", "0-23/1");

  private final ExecutionTime cron;
  private final ZoneId zone;
  private final boolean everyHour;

  private CronTimes(ExecutionTime cron, ZoneId zone, boolean everyHour) {
    this.cron = cron;
    this.zone = zone;
    this.everyHour = everyHour;
  }

  /**
   * Parses a cron.
   *
   * @throws IllegalArgumentException when it has not five valid fields; the message says which one
   */
  static CronTimes of(String text, ZoneId zone) {
    String[] fields = text.strip().split("\\s+");
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException("it has " + fields.length + " fields");
    }
    var parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    ExecutionTime cron = ExecutionTime.forCron(parser.parse(String.join(" ", fields)).validate());
    return new CronTimes(cron, zone, EVERY_HOUR.contains(fields[1]));
  }

  @Override
  public Optional<Instant> next(Instant after) {
    ZoneRules rules = zone.getRules();
    ZoneOffset offset = rules.getOffset(after);
    LocalDateTime from = LocalDateTime.ofInstant(after, offset);
    ZoneOffsetTransition last = rules.previousTransition(after.plusNanos(1));
    if (last != null && from.isBefore(begin(last).plusSeconds(1))) {
      from = begin(last);
    }
    ZoneOffsetTransition change = rules.nextTransition(after);
    for (int changes = 0; changes < MOST_CHANGES; changes++) {
      Optional<LocalDateTime> next = nextLocal(from);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      LocalDateTime local = next.get();
      if (change == null || local.isBefore(change.getDateTimeBefore())) {
        return Optional.of(local.toInstant(offset));
      }
      if (isSkipped(local, change)) {
        return Optional.of(change.getInstant());
      }
      from = begin(change);
      offset = change.getOffsetAfter();
      change = rules.nextTransition(change.getInstant());
    }
    return Optional.empty();
  }

  /** Checks whether a change skips a local time, which has to fire nevertheless. */
  private boolean isSkipped(LocalDateTime local, ZoneOffsetTransition change) {
    return change.isGap()
        && local.isBefore(change.getDateTimeAfter())
        && !followsRealTime(local, change);
  }

  /**
   * Returns the local time after which firings follow a change: the second before the new local
   * time, or before the end of the local times that occurred before.
   */
  private LocalDateTime begin(ZoneOffsetTransition change) {
    LocalDateTime first =
        change.isOverlap() && !followsRealTime(change.getDateTimeAfter().minusDays(1), change)
            ? change.getDateTimeBefore()
            : change.getDateTimeAfter();
    return first.minusSeconds(1);
  }

  /** Checks whether the cron fires every hour, and its minutes are the same after a change. */
  private boolean followsRealTime(LocalDateTime near, ZoneOffsetTransition change) {
    if (!everyHour) {
      return false;
    }
    int shift = Math.floorMod((int) change.getDuration().toMinutes(), MINUTES);
    if (shift == 0) {
      return true;
    }
    Set<Integer> minutes = minutes(near);
    Set<Integer> shifted = new HashSet<>();
    minutes.forEach(minute -> shifted.add((minute + shift) % MINUTES));
    return shifted.equals(minutes);
  }

  private Set<Integer> minutes(LocalDateTime near) {
    Set<Integer> minutes = new HashSet<>();
    LocalDateTime first = nextLocal(near).orElse(near);
    // The day may be the last one that the cron names, so the hour is one of this day.
    LocalDateTime hour = first.withMinute(0);
    LocalDateTime at = hour.minusSeconds(1);
    for (Optional<LocalDateTime> next = nextLocal(at);
        next.isPresent() && next.get().isBefore(hour.plusHours(1));
        next = nextLocal(next.get())) {
      minutes.add(next.get().getMinute());
    }
    return minutes;
  }

  /** Returns the next local time by the cron alone. */
  private Optional<LocalDateTime> nextLocal(LocalDateTime after) {
    return cron.nextExecution(after.atZone(ZoneOffset.UTC)).map(it -> it.toLocalDateTime());
  }
}
