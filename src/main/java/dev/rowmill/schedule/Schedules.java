package dev.rowmill.schedule;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.Label;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes schedules. A change stores the next firing in the same transaction. Safe for
 * many threads and nodes; throws a runtime exception with the SQL error among its causes when the
 * database can't be reached.
 */
@ApplicationScoped
public class Schedules {

  private static final String SELECT =
      "SELECT id, name, project, definition, enabled, version, content, content_by,"
          + " approved_content, approved_by, approved_at, approved_until, updated_by, updated_at"
          + " FROM schedule ";

  private final ControlTransactions transactions;
  private final DueScheduler scheduler;
  private final Clock clock;

  Schedules(ControlTransactions transactions, DueScheduler scheduler, Clock clock) {
    this.transactions = transactions;
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /** Returns the present time in whole seconds, from which intervals are counted. */
  public Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * Stores a schedule, and replaces the one of the same name. An interval that is unchanged is
   * still counted from the same moment. A change of what its batches change voids its approval.
   *
   * @param by name of the caller; null where callers are not identified
   */
  public Schedule put(
      String name,
      String project,
      ScheduleDefinition definition,
      boolean enabled,
      @Nullable String by) {
    try {
      return changed(
          connection -> {
            Schedule before = find(connection, name, " FOR UPDATE").orElse(null);
            if (before == null) {
              insert(connection, name, project, definition, enabled, by);
            } else {
              update(
                  connection,
                  before,
                  project,
                  definition.replacing(before.definition()),
                  enabled,
                  by);
            }
            ScheduleLabels.put(connection, name, definition.labels());
            return find(connection, name, "");
          });
    } catch (RuntimeException e) {
      if (DatabaseFailure.isDuplicateKey(e)) {
        return put(name, project, definition, enabled, by); // Another caller has stored the first.
      }
      throw e;
    }
  }

  private void insert(
      Connection connection,
      String name,
      String project,
      ScheduleDefinition definition,
      boolean enabled,
      @Nullable String by)
      throws SQLException {
    Rows.update(
        connection,
        "INSERT INTO schedule"
            + " (name, project, definition, enabled, content_by, updated_by, updated_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
        name,
        project,
        StoredJson.write(definition),
        enabled,
        by,
        by,
        clock.instant());
  }

  private void update(
      Connection connection,
      Schedule before,
      String project,
      ScheduleDefinition definition,
      boolean enabled,
      @Nullable String by)
      throws SQLException {
    boolean same = project.equals(before.project()) && definition.hasContentOf(before.definition());
    Rows.update(
        connection,
        "UPDATE schedule SET project = ?, definition = ?, enabled = ?, version = version + 1,"
            + " content = ?, content_by = ?, updated_by = ?, updated_at = ? WHERE id = ?",
        project,
        StoredJson.write(definition),
        enabled,
        same ? before.contentVersion() : before.contentVersion() + 1,
        same ? before.contentBy() : by,
        by,
        clock.instant(),
        before.id());
  }

  /**
   * Stores the approval of a schedule, in place of an earlier one.
   *
   * @param schedule the schedule that was read
   * @param content what is approved, which the schedule did when it was read
   * @param authors names of the callers whom it is by, when it was read
   * @param by name of the approver; null where callers are not identified
   * @return the schedule
   * @throws Refusal {@code own-approval} when the approver is one of the authors; {@code
   *     schedule-changed} when it was stored again since it was read
   */
  public Schedule approve(
      Schedule schedule, String content, Set<String> authors, @Nullable String by) {
    Approval.refuseOwn(authors, by);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    return transactions.sql(
        connection -> {
          int approved =
              Rows.update(
                  connection,
                  "UPDATE schedule SET approved_content = ?, approved_by = ?, approved_at = ?,"
                      + " approved_until = ? WHERE id = ? AND version = ?",
                  content,
                  by,
                  now,
                  now.plus(Duration.parse(schedule.definition().approvalDuration())),
                  schedule.id(),
                  schedule.version());
          return find(connection, schedule.name(), "")
              .filter(it -> approved == 1)
              .orElseThrow(() -> new Refusal("schedule-changed", Map.of()));
        });
  }

  /**
   * Pauses or resumes a schedule. Firings that were due while it was paused are left out.
   *
   * @return the schedule; empty when there is none of that name
   */
  public Optional<Schedule> enable(String name, boolean enabled) {
    Optional<Schedule> known = find(name);
    if (known.isEmpty() || known.get().enabled() == enabled) {
      return known;
    }
    return Optional.of(
        changed(
            connection -> {
              Rows.update(
                  connection, "UPDATE schedule SET enabled = ? WHERE name = ?", enabled, name);
              return find(connection, name, "");
            }));
  }

  private interface Change {
    Optional<Schedule> apply(Connection connection) throws SQLException;
  }

  /** Applies a change, and stores the next firing in the same transaction. */
  private Schedule changed(Change change) {
    Schedule changed =
        transactions.sql(
            connection -> {
              Schedule stored = change.apply(connection).orElseThrow();
              Optional<Instant> next = nextOf(stored);
              if (next.isPresent()) {
                DueTable.put(connection, stored.id(), next.get());
              } else {
                DueTable.remove(connection, DueTable.FIRE, stored.id());
              }
              return stored;
            });
    scheduler.lookAheadSoon();
    return changed;
  }

  private Optional<Instant> nextOf(Schedule schedule) {
    return schedule.enabled()
        ? schedule.next(clock.instant(), 1).stream().findFirst()
        : Optional.empty();
  }

  /** Returns the schedule of a name; empty where there is none. */
  public Optional<Schedule> find(String name) {
    return transactions.read(connection -> find(connection, name, ""));
  }

  private static Optional<Schedule> find(Connection connection, String name, String lock)
      throws SQLException {
    return Rows.first(connection, SELECT + "WHERE name = ?" + lock, Schedules::of, name);
  }

  Optional<Schedule> find(long id) {
    return transactions.read(
        connection -> Rows.first(connection, SELECT + "WHERE id = ?", Schedules::of, id));
  }

  /**
   * Lists schedules, ordered by name.
   *
   * @param after lists only names greater than this; may be empty
   * @param labels lists only schedules with all of these labels
   * @param limit maximum number of schedules
   */
  public List<Schedule> list(String after, List<Label> labels, int limit) {
    return transactions.read(
        connection -> {
          if (labels.isEmpty()) {
            return Rows.query(
                connection,
                SELECT + "WHERE name > ? ORDER BY name LIMIT ?",
                Schedules::of,
                after,
                limit);
          }
          List<String> names = ScheduleLabels.find(connection, labels, after, limit);
          return names.isEmpty()
              ? List.of()
              : Rows.query(
                  connection,
                  SELECT + "WHERE name IN " + Rows.list(names.size()) + " ORDER BY name",
                  Schedules::of,
                  names);
        });
  }

  /** Deletes a schedule with its runs. Its batches remain. */
  public void delete(Schedule schedule) {
    transactions.sql(
        connection -> {
          DueTable.remove(connection, DueTable.FIRE, schedule.id());
          ScheduleLabels.delete(connection, schedule.name());
          Rows.update(connection, "DELETE FROM schedule_run WHERE schedule = ?", schedule.id());
          return Rows.update(connection, "DELETE FROM schedule WHERE id = ?", schedule.id());
        });
  }

  private static Schedule of(ResultSet row) throws SQLException {
    return new Schedule(
        row.getLong("id"),
        row.getString("name"),
        row.getString("project"),
        StoredJson.read(row.getString("definition"), ScheduleDefinition.class),
        row.getBoolean("enabled"),
        row.getInt("version"),
        row.getInt("content"),
        row.getString("content_by"),
        approval(row),
        row.getString("updated_by"),
        Objects.requireNonNull(Rows.time(row, "updated_at")));
  }

  private static @Nullable ScheduleApproval approval(ResultSet row) throws SQLException {
    String content = row.getString("approved_content");
    return content == null
        ? null
        : new ScheduleApproval(
            content,
            row.getString("approved_by"),
            Objects.requireNonNull(Rows.time(row, "approved_at")),
            Objects.requireNonNull(Rows.time(row, "approved_until")));
  }
}
