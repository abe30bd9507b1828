package dev.rowmill.schedule;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Represents a stored schedule. Immutable.
 *
 * @param id number that no later schedule of the same name has
 * @param enabled whether it fires
 * @param version 1, and one more with each change
 * @param updatedBy caller who stored it, and in whose name its batches are submitted; null where
 *     callers are not identified
 */
public record Schedule(
    long id,
    String name,
    String project,
    ScheduleDefinition definition,
    boolean enabled,
    int version,
    @Nullable String updatedBy,
    Instant updatedAt) {

  /** Returns the next firings after a moment, whether it is enabled or not. */
  public List<Instant> next(Instant after, int count) {
    FireTimes times = definition.times();
    List<Instant> next = new ArrayList<>();
    Optional<Instant> at = ended(times.next(after));
    while (at.isPresent() && next.size() < count) {
      next.add(at.get());
      at = ended(times.next(at.get()));
    }
    return next;
  }

  /** Returns a time unless it is after the end of the schedule. */
  Optional<Instant> ended(Optional<Instant> time) {
    Instant until = definition.until();
    return time.filter(it -> until == null || !it.isAfter(until));
  }
}
