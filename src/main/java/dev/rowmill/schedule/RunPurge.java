package dev.rowmill.schedule;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Deletes expired runs of schedules periodically, on a thread of its own and a few at a time. The
 * last runs of each schedule remain, because later ones are compared with them. Several nodes may
 * do so at once.
 */
@ApplicationScoped
class RunPurge {

  private static final Logger LOG = Logger.getLogger(RunPurge.class);

  private static final int SCHEDULES_A_QUERY = 100;
  private static final int ROWS_A_STATEMENT = 500;
  private static final long PAUSE_MILLIS = 20;

  /** Selects schedules with the time of their oldest run, and of the oldest one that remains. */
  private static final String NEXT =
      "SELECT g.schedule, g.oldest, (SELECT r.fire_at FROM schedule_run r"
          + " WHERE r.schedule = g.schedule ORDER BY r.fire_at DESC LIMIT 1 OFFSET "
          + (ScheduleRuns.SEARCHED - 1)
          + ") AS kept FROM (SELECT schedule, MIN(fire_at) AS oldest FROM schedule_run"
          + " WHERE schedule > ? GROUP BY schedule ORDER BY schedule LIMIT "
          + SCHEDULES_A_QUERY
          + ") g ORDER BY g.schedule";

  private static final String DELETE =
      "DELETE FROM schedule_run WHERE schedule = ? AND fire_at < ? ORDER BY fire_at LIMIT "
          + ROWS_A_STATEMENT;

  private final ControlTransactions transactions;
  private final ScheduleConfig config;
  private final ScheduleMetrics metrics;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("rowmill-run-purge", true));

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
    long pause = config.purgeInterval().toMillis();
    thread.scheduleWithFixedDelay(this::purge, pause, pause, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes ShutdownEvent event) {
    thread.shutdownNow();
  }

  private void purge() {
    Instant before = clock.instant().minus(config.runRetention());
    try {
      long deleted = purge(before);
      if (deleted > 0) {
        LOG.infof("Deleted %d runs of schedules from before %s", deleted, before);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warnf("Expired runs of schedules can't be deleted yet: %s", e.getMessage());
    }
  }

  /**
   * Represents a schedule that has runs.
   *
   * @param kept time of the oldest run that remains in any case; null when all do
   */
  private record Candidate(long schedule, Instant oldest, @Nullable Instant kept) {}

  /**
   * Deletes the runs from before a time, except the last ones of each schedule.
   *
   * @return number of deleted runs
   * @throws InterruptedException when the thread is interrupted; a later purge deletes the rest
   */
  long purge(Instant before) throws InterruptedException {
    long deleted = 0;
    List<Candidate> found = next(0);
    while (!found.isEmpty()) {
      for (Candidate candidate : found) {
        if (candidate.kept != null && candidate.oldest.isBefore(before)) {
          deleted +=
              delete(candidate.schedule, candidate.kept.isBefore(before) ? candidate.kept : before);
        }
      }
      Thread.sleep(PAUSE_MILLIS);
      found = next(found.get(found.size() - 1).schedule);
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
                        Rows.time(row, "kept")),
                after));
  }

  private long delete(long schedule, Instant before) throws InterruptedException {
    long deleted = 0;
    int rows;
    do {
      rows = transactions.read(connection -> Rows.update(connection, DELETE, schedule, before));
      deleted += rows;
      metrics.purged(rows);
      if (rows > 0) {
        Thread.sleep(PAUSE_MILLIS);
      }
    } while (rows == ROWS_A_STATEMENT);
    return deleted;
  }
}
