package dev.rowmill.schedule;

import dev.rowmill.database.Digests;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Represents a stored schedule. Immutable.
 *
 * @param id number that no later schedule of the same name has
 * @param enabled whether it fires
 * @param version 1, and one more with each change
 * @param contentVersion 1, and one more with each change of what its batches change
 * @param contentBy caller who stored what its batches change; null where callers are not identified
 * @param approval its last approval, valid or not; null for none
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
    int contentVersion,
    @Nullable String contentBy,
    @Nullable ScheduleApproval approval,
    @Nullable String updatedBy,
    Instant updatedAt) {

  /** Returns a schedule that is not stored. */
  public static Schedule unsaved(
      String name, String project, ScheduleDefinition definition, @Nullable String by) {
    return new Schedule(
        0, name, project, definition, true, 0, 0, by, null, by, definition.anchor());
  }

  /**
   * Returns a text that identifies what its batches change. It is another one after each change of
   * that, and after each change of the saved statement.
   *
   * @param statement definition of the saved statement that it names; null for none
   */
  public String content(@Nullable String statement) {
    String own = id + "-" + contentVersion;
    return statement == null ? own : own + "-" + Digests.sha256Hex(statement);
  }

  /**
   * Returns the names of the callers whom it is by: who stored what its batches change, the
   * schedule, and the saved statement. None of them may approve it, or one of its batches.
   *
   * @param statementBy who stored the saved statement; null where there is none, and where callers
   *     are not identified
   */
  public SortedSet<String> authors(@Nullable String statementBy) {
    SortedSet<String> authors = new TreeSet<>();
    Stream.of(contentBy, updatedBy, statementBy).filter(Objects::nonNull).forEach(authors::add);
    return authors;
  }

  /**
   * Returns whether it is approved for a batch.
   *
   * @param content what the batch changes
   * @param authors names of the callers whom the batch is by
   */
  public ScheduleApproval.State approvalState(String content, Set<String> authors, Instant now) {
    return approval == null ? ScheduleApproval.State.NONE : approval.state(content, authors, now);
  }

  /** Returns the next firings after a moment, whether it is enabled or not. */
  public List<Instant> next(Instant after, int count) {
    FireTimes times = definition.times();
    List<Instant> next = new ArrayList<>();
    Optional<Instant> at = definition.beforeEnd(times.next(after));
    while (at.isPresent() && next.size() < count) {
      next.add(at.get());
      at = definition.beforeEnd(times.next(at.get()));
    }
    return next;
  }
}
