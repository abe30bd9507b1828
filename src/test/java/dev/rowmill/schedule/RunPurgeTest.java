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

  /** Stores daily runs of a schedule, the newest of today. */
  private void daily(long schedule, int number) throws SQLException {
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
}
