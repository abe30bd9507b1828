package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.lining;
import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static dev.rowmill.testing.Batches.unstarted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class LeftBehindTest {

  @Inject Batches batches;
  @Inject BatchWaiter waiter;
  @Inject BatchStarts starts;
  @Inject Instance<LaunchQueue> queues;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  @Test
  void a_batch_stored_by_a_start_that_returned_an_error_runs() {
    String project = newProject();
    CallTask.put(project, context -> {});
    BatchView stored =
        assertInstanceOf(
                StartResult.Stored.class,
                starts.store(unstarted(project, "call", Mode.SERIAL), false))
            .batch();
    queues.get().revisit(project);
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(stored).status());
  }

  @Test
  void a_wait_for_the_end_of_a_batch_does_not_wait_for_the_next_of_its_project() {
    for (int round = 0; round < 100; round++) {
      String project = newProject();
      String held = newProject();
      BatchView first = batches.start(request(project, "gate", "gate", project));
      BatchView next = batches.start(lining(request(project, "gate", "gate", held)));
      CompletableFuture<BatchView> end =
          waiter.awaitEnd(first, Batches.PATIENCE).subscribeAsCompletionStage();
      GateTask.open(project);
      BatchView second = waiter.awaitEnd(first, Batches.PATIENCE).await().indefinitely();
      assertEquals(BatchStatus.SUCCEEDED, second.status(), "round " + round);
      assertEquals(BatchStatus.SUCCEEDED, end.join().status(), "round " + round);
      GateTask.open(held);
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(next).status());
    }
  }
}
