package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.RunStore;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.batch.store.UndoSpace;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.LosingPool;
import dev.rowmill.testing.LosingPool.Commit;
import dev.rowmill.testing.WorkTable;
import dev.rowmill.throttle.Throttles;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ExactlyOnceTest {

  private static final int ROWS = 500;

  private record Hasty(int maxAttempts, Duration initialDelay, Duration maxDelay)
      implements RetryConfig {}

  private final RetryConfig retry = new Hasty(10, Duration.ofMillis(2), Duration.ofMillis(20));

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject ChunkConfig chunk;
  @Inject Throttles throttles;
  @Inject Clock clock;
  @Inject RunStore runs;
  @Inject BatchStarts starts;
  @Inject UndoSpace space;
  @Inject BatchHistory history;
  @Inject FaultyTask faulty;
  @Inject CallTask call;
  @Inject LaneSharing sharing;
  @Inject @Any Instance<EngineListener> listeners;

  private WorkTable table;
  private long batch;

  @BeforeEach
  void storeBatch() throws SQLException {
    table = WorkTable.create(database, ROWS);
    var start = Batches.unstarted(Batches.newProject(), "faulty", Mode.PARALLEL);
    batch = assertInstanceOf(StartResult.Stored.class, starts.store(start, false)).batch().id();
  }

  private Claim claim() {
    return runs.claim(batch, "test").orElseThrow();
  }

  private RunOutcome run(Claim claim, javax.sql.DataSource pool, RunControl control)
      throws InterruptedException {
    return engine(pool)
        .run(claim, faulty, new FaultyTask.Parameters(table.name()), null, control, Runnable::run);
  }

  private BatchEngine engine(javax.sql.DataSource pool) {
    return new BatchEngine(pool, retry, chunk, throttles, runs, space, sharing, listeners);
  }

  private RunOutcome runLosing(IntFunction<Commit> fate) throws InterruptedException {
    return run(claim(), new LosingPool(database, fate), new RunControl(clock));
  }

  @Test
  void a_commit_with_a_lost_response_is_not_repeated() throws Exception {
    RunOutcome outcome = runLosing(n -> n % 7 == 0 ? Commit.LOST_AFTER : Commit.ANSWERED);

    assertInstanceOf(RunOutcome.Succeeded.class, outcome);
    assertEquals(ROWS, table.rowsWith(1));
    assertEquals(ROWS, history.find(batch).orElseThrow().progress().rowsScanned());
    assertEquals(ROWS, history.find(batch).orElseThrow().progress().rowsChanged());
  }

  @Test
  void a_lost_commit_is_repeated() throws Exception {
    RunOutcome outcome = runLosing(n -> n % 7 == 0 ? Commit.LOST_BEFORE : Commit.ANSWERED);

    assertInstanceOf(RunOutcome.Succeeded.class, outcome);
    assertEquals(ROWS, table.rowsWith(1));
    assertEquals(ROWS, history.find(batch).orElseThrow().progress().rowsScanned());
  }

  @Test
  void commits_lost_at_random_change_each_row_once() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    RunOutcome outcome =
        runLosing(
            n -> {
              int dice = random.nextInt(8);
              return dice == 0
                  ? Commit.LOST_BEFORE
                  : dice == 1 ? Commit.LOST_AFTER : Commit.ANSWERED;
            });

    assertInstanceOf(RunOutcome.Succeeded.class, outcome, () -> "seed " + seed);
    assertEquals(ROWS, table.rowsWith(1), () -> "seed " + seed);
    var progress = history.find(batch).orElseThrow().progress();
    assertEquals(ROWS, progress.rowsChanged(), () -> "seed " + seed);
    assertEquals(
        progress.chunks() * FaultyTask.IGNORED_IN_A_CHUNK,
        progress.rowsIgnored(),
        () -> "seed " + seed);
    assertTrue(progress.limitReached(), () -> "seed " + seed);
  }

  @Test
  void a_superseded_run_changes_nothing() throws Exception {
    Claim old = claim();
    var newer = new ArrayList<Claim>();
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt == 6) {
            newer.add(claim());
          }
        });
    assertInstanceOf(RunOutcome.Overtaken.class, run(old, database, new RunControl(clock)));
    assertEquals(50, table.rowsWith(1));

    assertInstanceOf(
        RunOutcome.Succeeded.class, run(newer.get(0), database, new RunControl(clock)));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_stopped_run_resumes_at_its_checkpoint() throws Exception {
    var control = new RunControl(clock);
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt == 5) {
            control.stop().request();
          }
        });
    Claim first = claim();
    assertInstanceOf(RunOutcome.Stopped.class, run(first, database, control));
    assertEquals(50, table.rowsWith(1));
    runs.putBack(first, Duration.ZERO);
    assertEquals(BatchStatus.QUEUED, history.find(batch).orElseThrow().status());

    assertInstanceOf(RunOutcome.Succeeded.class, run(claim(), database, new RunControl(clock)));
    assertEquals(ROWS, table.rowsWith(1));
    var progress = history.find(batch).orElseThrow().progress();
    assertEquals(ROWS / 10, progress.chunks());
    assertEquals(ROWS / 10 * FaultyTask.IGNORED_IN_A_CHUNK, progress.rowsIgnored());
    assertTrue(progress.limitReached(), "the end found by the first run");
  }

  @Test
  void rows_added_after_the_end_are_unchanged() throws Exception {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (attempt == 3) {
            table.execute("INSERT INTO " + table.name() + " VALUES (100000, 0)");
          }
        });
    assertInstanceOf(RunOutcome.Succeeded.class, run(claim(), database, new RunControl(clock)));
    assertEquals(ROWS, table.rowsWith(1));
    assertEquals(1, table.rowsWith(0));
  }

  @Test
  void a_plain_task_resumes_at_its_last_checkpoint_and_its_rows_count_once() throws Exception {
    List<String> seen = new ArrayList<>();
    var control = new RunControl(clock);
    String name = "plain" + batch;
    CallTask.put(
        name,
        context -> {
          seen.add(context.checkpoint().orElse("start"));
          context.total(100);
          int from = context.checkpoint().map(Integer::parseInt).orElse(0);
          for (int i = from + 1; i <= 10 && !context.stopRequested(); i++) {
            context.save(Integer.toString(i), 10, 5);
            if (i == 4) {
              control.stop().request();
            }
          }
        });
    var parameters = new CallTask.Parameters(name);

    Claim first = claim();
    assertInstanceOf(
        RunOutcome.Stopped.class,
        engine(database).run(first, call, parameters, null, control, Runnable::run));
    runs.putBack(first, Duration.ZERO);
    assertInstanceOf(
        RunOutcome.Succeeded.class,
        engine(new LosingPool(database, n -> n % 3 == 0 ? Commit.LOST_AFTER : Commit.ANSWERED))
            .run(claim(), call, parameters, null, new RunControl(clock), Runnable::run));

    assertEquals(List.of("start", "4"), seen);
    var progress = history.find(batch).orElseThrow().progress();
    assertEquals(100, progress.rowsScanned());
    assertEquals(50, progress.rowsChanged());
    assertEquals(100, progress.rowsTotal());
    assertTrue(progress.retries() > 0);
  }
}
