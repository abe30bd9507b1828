package dev.rowmill.dispatch.pool;

import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static dev.rowmill.testing.Batches.unstarted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.engine.RunControl;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the shutdown of the service from the view of the threads and the runs. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class StoppingTest {

  private record Pool(int size, int queue) implements PoolConfig {}

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  @Inject Clock clock;
  @Inject Batches batches;
  @Inject BatchRunner runner;
  @Inject ActiveRuns runs;
  @Inject BatchStarts starts;
  @Inject BatchHistory history;
  @Inject Instance<LaunchQueue> queues;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private BatchView stored(String project) {
    return assertInstanceOf(
            StartResult.Stored.class, starts.store(unstarted(project, "call", Mode.SERIAL), false))
        .batch();
  }

  @Test
  void a_stop_applies_to_the_run_of_a_batch_and_its_lanes() {
    String project = newProject();
    CallTask.put(project, context -> {});
    BatchView batch = stored(project);
    ActiveRuns.Launched own = runs.add(batch);
    ActiveRuns.Launched lane = runs.addLane(batch, 3);
    try {
      assertEquals(OptionalInt.empty(), own.lane());
      assertEquals(OptionalInt.of(3), lane.lane());

      runs.stop(batch.id(), false);
      assertTrue(own.control().stop().isRequested() && lane.control().stop().isRequested());
      assertFalse(own.control().stop().isForced() || lane.control().stop().isForced());

      runs.stop(batch.id(), true);
      assertTrue(own.control().stop().isForced() && lane.control().stop().isForced());
    } finally {
      runs.remove(own);
      runs.remove(lane);
    }
    queues.get().revisit(project);
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
  }

  @Test
  void a_stopped_run_queues_its_batch_again() {
    String project = newProject();
    var control = new RunControl(clock);
    var ending = new AtomicBoolean();
    CallTask.put(
        project,
        context -> {
          if (context.checkpoint().isEmpty()) {
            context.save("half", 1, 1);
            ending.set(true);
            control.stop().request();
          }
        });
    BatchView batch = stored(project);

    assertEquals(Optional.empty(), runner.run(batch, control, ending::get));
    assertEquals(BatchStatus.QUEUED, history.find(batch.id()).orElseThrow().status());

    queues.get().revisit(project);
    BatchView ended = batches.ended(batch);
    assertEquals(BatchStatus.SUCCEEDED, ended.status());
    assertEquals(2, ended.epoch());
    assertEquals(1, ended.progress().rowsScanned());
  }

  @Test
  void a_run_interrupted_by_the_shutdown_queues_its_batch_again() {
    String project = newProject();
    var control = new RunControl(clock);
    var ending = new AtomicBoolean();
    CallTask.put(
        project,
        context -> {
          if (!ending.get()) {
            ending.set(true);
            control.stop().request();
            throw new InterruptedException("as an overdue drain does");
          }
        });
    BatchView batch = stored(project);

    runner.run(batch, control, ending::get);
    assertFalse(Thread.interrupted());
    assertEquals(BatchStatus.QUEUED, history.find(batch.id()).orElseThrow().status());

    queues.get().revisit(project);
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
  }

  @Test
  void a_batch_that_has_ended_is_not_run_again() {
    String project = newProject();
    CallTask.put(project, context -> {});
    BatchView batch = batches.ended(batches.start(request(project, "call", "call", project)));

    assertEquals(Optional.empty(), runner.run(batch, new RunControl(clock), () -> false));
    assertEquals(1, history.find(batch.id()).orElseThrow().epoch());
  }

  @Test
  void threads_that_do_not_end_in_time_are_interrupted() throws InterruptedException {
    var threads = new PoolThreads(new Pool(1, 0), data);
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    threads.execute(
        () -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    started.await();
    assertFalse(threads.end(Duration.ofMillis(10)));
    interrupted.await();

    assertTrue(new PoolThreads(new Pool(1, 0), data).end(Batches.PATIENCE));
  }
}
