package dev.rowmill.schedule;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.PurgeThread;
import dev.rowmill.database.Rows;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Deletes expired runs of schedules periodically, a few at a time. The last runs of each schedule
 * remain, and the last ones that started a batch, because later ones are compared with them.
 * Deletes also the runs of a schedule that was deleted while it fired. Several nodes may do so at
 * once.
 */
@ApplicationScoped
class RunPurge {

  private static final Logger LOG = Logger.getLogger(RunPurge.class);

  private static final int SCHEDULES_A_QUERY = 100;
  private static final int ROWS_A_STATEMENT = 500;

  /** Selects the time of a schedule's oldest run that remains in any case. */
  private static final String KEPT =
      "(SELECT r.fire_at FROM schedule_run r WHERE r.schedule = g.schedule%s"
          + " ORDER BY r.fire_at DESC LIMIT 1 OFFSET "
          + (ScheduleRuns.SEARCHED - 1)
          + ")";

  /** Selects schedules with the times of their oldest run, and of the oldest ones that remain. */
  private static final String NEXT =
      "SELECT g.schedule, g.oldest, s.id IS NOT NULL AS known, "
          + KEPT.formatted("")
          + " AS kept, "
          + KEPT.formatted(" AND r.outcome = 'STARTED'")
          + " AS kept_started FROM (SELECT schedule, MIN(fire_at) AS oldest FROM schedule_run"
          + " WHERE schedule > ? GROUP BY schedule ORDER BY schedule LIMIT "
          + SCHEDULES_A_QUERY
          + ") g LEFT JOIN schedule s ON s.id = g.schedule ORDER BY g.schedule";

  private static final String DELETE =
      "DELETE FROM schedule_run WHERE schedule = ?%s AND fire_at < ? ORDER BY fire_at LIMIT "
          + ROWS_A_STATEMENT;

  private static final String DELETE_ALL = DELETE.formatted("");
  private static final String DELETE_STARTED = DELETE.formatted(" AND outcome = 'STARTED'");
  private static final String DELETE_OTHERS = DELETE.formatted(" AND outcome <> 'STARTED'");

  private final ControlTransactions transactions;
  private final ScheduleConfig config;
  private final ScheduleMetrics metrics;
  private final Clock clock;
  private final PurgeThread thread =
      new PurgeThread("rowmill-run-purge", "Expired runs of schedules");

  RunPurge(
      ControlTransactions transactions,
      ScheduleConfig config,
      ScheduleMetrics metrics,
      Clock clock) {
    this.transactions = transactions;
    this.config = config;
    this.metrics = metrics;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    thread.start(config.purgeInterval(), this::purge);
  }

  void stop(@Observes ShutdownEvent event) {
    thread.stop();
  }

  private void purge() {
    Instant before = clock.instant().minus(config.runRetention());
    long deleted = purge(before);
    if (deleted > 0) {
      LOG.infof("Deleted %d runs of schedules, the expired ones from before %s", deleted, before);
    }
  }

  /**
   * Represents a schedule that has runs.
   *
   * @param known whether it was not deleted
   * @param kept time of the oldest run that remains in any case; null when all do
   * @param keptStarted time of the oldest run with a batch that remains in any case; null when all
   *     do
   */
  private record Candidate(
      long schedule,
      Instant oldest,
      boolean known,
      @Nullable Instant kept,
      @Nullable Instant keptStarted) {}

  /**
   * Deletes the runs from before a time, except the last ones of each schedule. After an interrupt
   * a later purge deletes the rest.
   *
   * @return number of deleted runs
   */
  long purge(Instant before) {
    long deleted = 0;
    List<Candidate> found = next(0);
    while (!found.isEmpty()) {
      for (Candidate each : found) {
        deleted +=
            each.known
                // The last runs with a batch include those among the last runs.
                ? delete(each, DELETE_STARTED, each.keptStarted, before)
                    + delete(each, DELETE_OTHERS, each.kept, before)
                : delete(each, DELETE_ALL, clock.instant(), Instant.MAX);
      }
      found = PurgeThread.pause() ? next(found.get(found.size() - 1).schedule) : List.of();
    }
    return deleted;
  }

  private List<Candidate> next(long after) {
    return transactions.read(
        connection ->
            Rows.query(
                connection,
                NEXT,
                row ->
                    new Candidate(
                        row.getLong("schedule"),
                        Objects.requireNonNull(Rows.time(row, "oldest")),
                        row.getBoolean("known"),
                        Rows.time(row, "kept"),
                        Rows.time(row, "kept_started")),
                after));
  }

  /**
   * @param kept time of the oldest run that remains in any case; null when all do
   */
  private long delete(Candidate of, String sql, @Nullable Instant kept, Instant before) {
    if (kept == null) {
      return 0;
    }
    Instant end = kept.isBefore(before) ? kept : before;
    long deleted = 0;
    int rows = of.oldest.isBefore(end) ? ROWS_A_STATEMENT : 0;
    while (rows == ROWS_A_STATEMENT) {
      rows = transactions.sql(connection -> Rows.update(connection, sql, of.schedule, end));
      deleted += rows;
      metrics.purged(rows);
      if (rows > 0 && !PurgeThread.pause()) {
        return deleted;
      }
    }
    return deleted;
  }
}
