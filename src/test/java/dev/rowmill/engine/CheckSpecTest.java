package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.RunStore;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.WorkTable;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests when the check of a run is evaluated. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CheckSpecTest {

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  @Inject BatchEngine engine;
  @Inject RunStore runs;
  @Inject BatchStarts starts;
  @Inject FaultyTask faulty;
  @Inject Clock clock;

  private final AtomicInteger evaluations = new AtomicInteger();

  /** Runs a number of chunks of ten rows, each of which takes 20 ms. */
  private RunOutcome run(int chunks, CheckSpec guard) throws SQLException, InterruptedException {
    WorkTable table = WorkTable.create(database, 10 * chunks);
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          try {
            Thread.sleep(20);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    var start = Batches.unstarted(Batches.newProject(), "faulty", Mode.PARALLEL);
    long batch =
        assertInstanceOf(StartResult.Stored.class, starts.store(start, false)).batch().id();
    Claim claim = runs.claim(batch, "test").orElseThrow();
    try {
      return engine.run(
          claim,
          faulty,
          new FaultyTask.Parameters(table.name()),
          guard,
          new RunControl(clock),
          Runnable::run);
    } finally {
      runs.end(claim, null, Duration.ZERO);
    }
  }

  @Test
  void it_is_evaluated_again_after_each_interval() throws Exception {
    var guard =
        new CheckSpec(
            connection -> {
              assertTrue(connection.getAutoCommit());
              return evaluations.incrementAndGet() == 4 ? Optional.of("no") : Optional.empty();
            },
            3,
            Duration.ofMillis(100));
    assertEquals(new RunOutcome.CheckFailed("no"), run(100, guard));
    assertEquals(4, evaluations.get());
  }

  @Test
  void within_an_interval_it_is_evaluated_after_the_first_chunks_and_at_the_end() throws Exception {
    var guard =
        new CheckSpec(
            connection -> {
              evaluations.incrementAndGet();
              return Optional.empty();
            },
            3,
            Duration.ofMinutes(1));
    assertInstanceOf(RunOutcome.Succeeded.class, run(10, guard));
    assertEquals(2, evaluations.get());
    assertInstanceOf(RunOutcome.Succeeded.class, run(3, guard));
    assertEquals(3, evaluations.get(), "once, as nothing was done since");
  }
}
