package dev.rowmill.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.Failure;
import dev.rowmill.schedule.ScheduleRun.Outcome;
import dev.rowmill.schedule.ScheduleRuns.Firing;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class ScheduleRunsTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject ScheduleRuns runs;
  @Inject Schedules schedules;
  @Inject Recorder recorder;
  @Inject Clock clock;
  @RegisterExtension final WorkTable table = WorkTable.ofRows(10);

  /** Remembers what is recorded. */
  @ApplicationScoped
  static class Recorder implements RunRecorder {
    private final Queue<String> recorded = new ConcurrentLinkedQueue<>();

    @Override
    public void recorded(Connection connection, Schedule schedule, ScheduleRun run) {
      recorded.add(schedule.name() + " " + run.outcome());
    }

    List<String> of(Schedule schedule) {
      return recorded.stream().filter(it -> it.startsWith(schedule.name())).toList();
    }
  }

  private Schedule schedule() {
    String name = "r-" + UUID.randomUUID();
    API.json(
            """
            {"project": "%s", "cron": "0 0 1 1 *", "sql": "UPDATE %s SET n = 1 WHERE id < 5"}"""
                .formatted(Batches.newProject(), table.name()))
        .put("/schedules/" + name)
        .statusCode(201);
    return schedules.find(name).orElseThrow();
  }

  @Test
  void a_firing_that_is_carried_out_twice_is_reported_once() {
    Schedule schedule = schedule();
    Instant at = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    var firing = new Firing(schedule, at, false, 0);
    var problem = new Failure("unknown-table", Map.of(), List.of());
    assertTrue(runs.store(firing, Outcome.MISSED, null));
    assertFalse(runs.store(firing, Outcome.FAILED, problem));
    assertFalse(runs.store(firing, Outcome.MISSED, null));
    assertEquals(List.of(schedule.name() + " MISSED"), recorder.of(schedule));
    assertEquals(
        List.of(Outcome.MISSED),
        runs.list(schedule, null, 10).items().stream().map(ScheduleRun::outcome).toList());
    API.delete("/schedules/" + schedule.name()).statusCode(204);
  }

  @Test
  void a_firing_that_has_started_a_batch_is_not_reported_as_failed_or_missed() {
    Schedule schedule = schedule();
    long batch = API.post("/schedules/" + schedule.name() + "/run").statusCode(202).id();
    API.ended(batch);
    ScheduleRun started = runs.list(schedule, null, 1).items().get(0);
    var firing = new Firing(schedule, started.fireAt(), false, 0);
    assertFalse(runs.store(firing, Outcome.MISSED, null));
    assertEquals(List.of(), recorder.of(schedule));
    assertEquals(List.of(started), runs.list(schedule, null, 10).items());
    API.delete("/schedules/" + schedule.name()).statusCode(204);
  }
}
