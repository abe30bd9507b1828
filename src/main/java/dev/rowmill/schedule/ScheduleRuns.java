package dev.rowmill.schedule;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.audit.AuditEntry;
import dev.rowmill.audit.AuditLog;
import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.batch.store.StartRecorder;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Digests;
import dev.rowmill.database.Rows;
import dev.rowmill.schedule.ScheduleRun.Outcome;
import dev.rowmill.task.Plan;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the runs of schedules. The run of a firing that starts a batch is stored in the
 * transaction that stores the batch, with its line of the audit. Safe for many threads and nodes;
 * throws a runtime exception with the SQL error among its causes when the database can't be
 * reached.
 */
@ApplicationScoped
public class ScheduleRuns implements StartRecorder {

  /** Names the operation of a firing in the audit. */
  private static final String OPERATION = "fireSchedule";

  private static final String INSERT =
      "INSERT INTO schedule_run"
          + " (schedule, fire_at, manual, fired_at, outcome, batch, missed, planned_rows,"
          + " planned_exact, usual, problem)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  /** Lets the run of a batch replace the run of a firing that was carried out twice. */
  private static final String REPLACE =
      INSERT
          + " ON DUPLICATE KEY UPDATE outcome = VALUES(outcome), batch = VALUES(batch), problem = NULL,"
          // A repeated firing finds the batch, and counts nothing.
          + " planned_exact = IF(VALUES(planned_rows) IS NULL, planned_exact,"
          + " VALUES(planned_exact)), usual = IF(VALUES(planned_rows) IS NULL, usual,"
          + " VALUES(usual)), planned_rows = COALESCE(VALUES(planned_rows), planned_rows)";

  /** Limits the runs among which those that count are searched. A purge leaves them. */
  static final int SEARCHED = 30;

  /** Selects the last runs whose number was usual, or was approved. */
  private static final String LAST_ROWS =
      "SELECT r.planned_rows FROM (SELECT fire_at, batch, planned_rows, usual FROM schedule_run"
          + " WHERE schedule = ? AND outcome = 'STARTED' ORDER BY fire_at DESC LIMIT "
          + SEARCHED
          + ") r LEFT JOIN batch b ON b.id = r.batch WHERE r.planned_rows IS NOT NULL"
          + " AND (r.usual IS NULL OR b.approved_at IS NOT NULL)"
          + " ORDER BY r.fire_at DESC LIMIT "
          + UsualRows.MOST_RUNS;

  private final ControlTransactions transactions;
  private final Instance<RunRecorder> recorders;
  private final AuditLog audit;
  private final Clock clock;
  private final ThreadLocal<@Nullable FiringLine> current = new ThreadLocal<>();

  ScheduleRuns(
      ControlTransactions transactions,
      @Any Instance<RunRecorder> recorders,
      AuditLog audit,
      Clock clock) {
    this.transactions = transactions;
    this.recorders = recorders;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Represents a firing in progress.
   *
   * @param missed number of earlier firings that it stands for
   */
  record Firing(Schedule schedule, Instant fireAt, boolean manual, int missed) {}

  /** Holds the run of a firing until its batch is stored. */
  private static final class FiringLine implements Line {
    private final Firing firing;
    private final Instant at;
    private volatile Plan.@Nullable Count planned;
    private volatile boolean stored;

    FiringLine(Firing firing, Instant at) {
      this.firing = firing;
      this.at = at;
    }

    @Override
    public void isStored() {
      stored = true;
    }
  }

  /** Starts the batch of a firing. */
  interface Start {

    /**
     * Starts the batch.
     *
     * @param planned receives the number of rows that it plans to change
     */
    BatchView run(Consumer<Plan.Count> planned);
  }

  /** Runs the start of a firing on this thread, so that its run is stored with the batch. */
  BatchView starting(Firing firing, Start start) {
    var line = new FiringLine(firing, clock.instant());
    current.set(line);
    try {
      BatchView batch = start.run(count -> line.planned = count);
      if (!line.stored) {
        // An earlier attempt has stored the batch, or the batch was stored without its record.
        transactions.sql(connection -> insert(connection, REPLACE, line, batch));
      }
      return batch;
    } finally {
      current.remove();
    }
  }

  /**
   * Stores the run of a firing that has started nothing. Stores and reports nothing when another
   * node, or this one, has stored a run of the firing before.
   *
   * @return whether it is stored now
   */
  boolean store(Firing firing, Outcome outcome, @Nullable Failure problem) {
    var run =
        new ScheduleRun(
            firing.fireAt,
            firing.manual,
            clock.instant(),
            outcome,
            null,
            firing.missed,
            null,
            null,
            problem);
    try {
      return transactions.sql(
          connection -> {
            insert(connection, INSERT, firing, run);
            for (RunRecorder recorder : recorders) {
              recorder.recorded(connection, firing.schedule, run);
            }
            return true;
          });
    } catch (RuntimeException e) {
      if (DatabaseFailure.isDuplicateKey(e)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public @Nullable Line begin() {
    return current.get();
  }

  @Override
  public void record(Connection connection, List<Started> starts) throws SQLException {
    List<AuditEntry> entries = new ArrayList<>();
    for (Started start : starts) {
      FiringLine line = (FiringLine) start.line();
      insert(connection, REPLACE, line, start.batch());
      if (!line.firing.manual) {
        entries.add(entry(line, start.batch()));
      }
    }
    if (!entries.isEmpty()) {
      audit.write(connection, entries);
    }
  }

  private static int insert(Connection connection, String sql, FiringLine line, BatchView batch)
      throws SQLException {
    Firing firing = line.firing;
    Approval approval = batch.approval();
    return insert(
        connection,
        sql,
        firing,
        new ScheduleRun(
            firing.fireAt,
            firing.manual,
            line.at,
            Outcome.STARTED,
            batch.id(),
            firing.missed,
            line.planned,
            approval == null ? null : approval.usual(),
            null));
  }

  private static int insert(Connection connection, String sql, Firing firing, ScheduleRun run)
      throws SQLException {
    Plan.Count planned = run.planned();
    return Rows.update(
        connection,
        sql,
        firing.schedule.id(),
        run.fireAt(),
        run.manual(),
        run.firedAt(),
        run.outcome(),
        run.batch(),
        run.missed(),
        planned == null ? null : planned.rows(),
        planned != null && planned.exact(),
        run.usual() == null ? null : StoredJson.write(run.usual()),
        run.problem() == null ? null : run.problem().toJson());
  }

  private static AuditEntry entry(FiringLine line, BatchView batch) {
    String sql = batch.sql();
    return new AuditEntry(
        line.at,
        AuditEntry.ROWMILL,
        AuditEntry.SERVICE,
        null,
        OPERATION,
        null,
        batch.project(),
        batch.id(),
        sql == null ? batch.spec().work().task() : sql,
        sql == null ? null : Digests.sha256Hex(sql),
        JsonNodeFactory.instance
            .objectNode()
            .put("schedule", line.firing.schedule.name())
            .put("fireAt", line.firing.fireAt.toString())
            .toString(),
        null,
        null);
  }

  /**
   * Returns how many rows the last runs of a schedule have planned to change. A run that planned
   * unusually many counts once it is approved. Empty for too few runs.
   */
  Optional<UsualRows> usual(Schedule schedule) {
    List<Long> rows =
        transactions.read(
            connection -> Rows.query(connection, LAST_ROWS, row -> row.getLong(1), schedule.id()));
    return UsualRows.of(rows, schedule.definition().factor());
  }

  /** Returns the time of the last firing that was carried out, apart from requested runs. */
  Optional<Instant> last(long schedule) {
    return transactions.read(
        connection ->
            Rows.first(
                connection,
                "SELECT fire_at FROM schedule_run WHERE schedule = ? AND NOT manual"
                    + " ORDER BY fire_at DESC LIMIT 1",
                row -> Objects.requireNonNull(Rows.time(row, "fire_at")),
                schedule));
  }

  /**
   * Returns a page of runs, newest first.
   *
   * @param before only runs before this time, in milliseconds since 1970; null for all
   */
  public Page<ScheduleRun> list(Schedule schedule, @Nullable Long before, int limit) {
    List<ScheduleRun> found =
        transactions.read(
            connection ->
                Rows.query(
                    connection,
                    "SELECT fire_at, manual, fired_at, outcome, batch, missed, planned_rows,"
                        + " planned_exact, usual, problem FROM schedule_run WHERE schedule = ? AND fire_at < ?"
                        + " ORDER BY fire_at DESC LIMIT ?",
                    ScheduleRuns::of,
                    schedule.id(),
                    before == null ? "9999-12-31" : Instant.ofEpochMilli(before),
                    limit + 1));
    return Page.of(found, limit, run -> run.fireAt().toEpochMilli());
  }

  private static ScheduleRun of(ResultSet row) throws SQLException {
    String problem = row.getString("problem");
    String usual = row.getString("usual");
    Long planned = row.getObject("planned_rows", Long.class);
    return new ScheduleRun(
        Objects.requireNonNull(Rows.time(row, "fire_at")),
        row.getBoolean("manual"),
        Objects.requireNonNull(Rows.time(row, "fired_at")),
        Outcome.valueOf(row.getString("outcome")),
        row.getObject("batch", Long.class),
        row.getInt("missed"),
        planned == null ? null : new Plan.Count(planned, row.getBoolean("planned_exact")),
        usual == null ? null : StoredJson.read(usual, UsualRows.class),
        problem == null ? null : Failure.fromJson(problem));
  }
}
