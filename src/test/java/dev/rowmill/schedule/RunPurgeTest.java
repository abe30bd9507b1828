package dev.rowmill.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.Sql;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class RunPurgeTest {

  /** Names ids that no schedule of another test has. */
  private static final long FIRST = 9_000_000_000_000L;

  @Inject RunPurge purge;
  @Inject AgroalDataSource database;
  @Inject Clock clock;

  @AfterEach
  void delete() throws SQLException {
    execute("DELETE FROM schedule_run WHERE schedule >= " + FIRST);
    execute("DELETE FROM schedule WHERE id >= " + FIRST);
  }

  private void execute(String sql) throws SQLException {
    Sql.execute(database, sql);
  }

  private long number(String sql) throws SQLException {
    return Sql.number(database, sql);
  }

  private long runs(long schedule) throws SQLException {
    return number("SELECT COUNT(*) FROM schedule_run WHERE schedule = " + schedule);
  }

  /** Stores a schedule with daily runs, the newest of today. */
  private void daily(long schedule, int number) throws SQLException {
    execute(
        ("INSERT INTO schedule (id, name, project, definition, enabled, updated_at)"
                + " VALUES (%d, 'purge-%d', 'p', '{}', FALSE, UTC_TIMESTAMP())")
            .formatted(schedule, schedule));
    execute(
        """
        INSERT INTO schedule_run (schedule, fire_at, manual, fired_at, outcome)
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
        SELECT %d, UTC_TIMESTAMP() - INTERVAL i DAY, FALSE, UTC_TIMESTAMP(), 'STARTED' FROM n"""
            .formatted(number - 1, schedule));
  }

  @Test
  void runs_are_deleted_after_their_retention_but_the_last_ones_remain() throws Exception {
    daily(FIRST, 100);
    daily(FIRST + 1, 20);
    daily(FIRST + 2, 950);
    for (int i = 10; i < 160; i++) {
      daily(FIRST + i, 2);
    }
    daily(FIRST + 160, 40);
    Instant before = clock.instant().minus(Duration.ofDays(60)).minusSeconds(3600);
    assertEquals(39 + 889, purge.purge(before));
    assertEquals(61, runs(FIRST));
    assertEquals(20, runs(FIRST + 1));
    assertEquals(61, runs(FIRST + 2));
    assertEquals(2, runs(FIRST + 10));
    // All of them have expired by then.
    purge.purge(clock.instant().plus(Duration.ofDays(1)));
    assertEquals(ScheduleRuns.SEARCHED, runs(FIRST));
    assertEquals(20, runs(FIRST + 1));
    assertEquals(ScheduleRuns.SEARCHED, runs(FIRST + 160));
    assertTrue(
        number(
                "SELECT TIMESTAMPDIFF(DAY, MIN(fire_at), UTC_TIMESTAMP()) FROM schedule_run"
                    + " WHERE schedule = "
                    + FIRST)
            < ScheduleRuns.SEARCHED,
        "the newest remain");
  }

  @Test
  void the_last_runs_with_a_batch_remain_behind_any_number_of_others() throws Exception {
    daily(FIRST, 300);
    String newer = " WHERE schedule = " + FIRST + " AND fire_at > UTC_TIMESTAMP() - INTERVAL ";
    execute("UPDATE schedule_run SET outcome = 'FAILED'" + newer + "50 DAY");
    execute("UPDATE schedule_run SET outcome = 'SKIPPED_BUSY'" + newer + "40 DAY");
    assertEquals(300 - 2 * ScheduleRuns.SEARCHED, purge.purge(clock.instant()));
    String left = "SELECT COUNT(*) FROM schedule_run" + newer;
    assertEquals(ScheduleRuns.SEARCHED, number(left + "30 DAY"));
    assertEquals(ScheduleRuns.SEARCHED, number(left + "50 DAY"));
    assertEquals(2 * ScheduleRuns.SEARCHED, number(left + "80 DAY"));
    assertEquals(0, purge.purge(clock.instant()));
    // None of these has started a batch.
    execute("UPDATE schedule_run SET outcome = 'FAILED' WHERE schedule = " + FIRST);
    assertEquals(ScheduleRuns.SEARCHED, purge.purge(clock.instant()));
  }

  @Test
  void runs_of_a_schedule_that_was_deleted_while_it_fired_are_deleted() throws Exception {
    daily(FIRST, 3);
    daily(FIRST + 1, 3);
    execute("DELETE FROM schedule WHERE id = " + FIRST);
    purge.purge(clock.instant().minus(Duration.ofDays(60)));
    assertEquals(0, runs(FIRST));
    assertEquals(3, runs(FIRST + 1));
  }
}
