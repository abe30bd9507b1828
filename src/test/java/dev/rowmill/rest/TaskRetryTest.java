package dev.rowmill.rest;

import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.task.PlainContext;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that batches of Java tasks continue from their checkpoints when they are retried. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class TaskRetryTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 300;
  private static final int BAD = 205;

  /** Counts the steps of the plain task, each of which has ten rows and changes five. */
  private static final int STEPS = 10;

  private final String project = Batches.newProject();
  private final List<String> begun = new CopyOnWriteArrayList<>();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  /** Does something before a step is done. */
  private interface Step {
    void before(int step, PlainContext<CallTask.Parameters> context) throws Exception;
  }

  /** Lets the plain task of the project do its steps, from its checkpoint on. */
  private void steps(Step before) {
    CallTask.put(
        project,
        context -> {
          begun.add(context.checkpoint().orElse("start"));
          context.total(STEPS * 10);
          int from = context.checkpoint().map(Integer::parseInt).orElse(0);
          for (int i = from + 1; i <= STEPS && !context.stopRequested(); i++) {
            before.before(i, context);
            context.save(Integer.toString(i), 10, 5);
          }
        });
  }

  private RowmillApi.Reply call() {
    return API.start(project)
        .with("task", "call")
        .with("parameters", Map.of("call", project))
        .waiting()
        .send();
  }

  private static Reply retried(long id, Object body) {
    return API.waiting().json(body).post("/batches/" + id + "/retry").statusCode(200);
  }

  @Test
  void a_plain_task_continues_from_its_checkpoint_and_its_rows_count_once() {
    var broken = new AtomicBoolean(true);
    steps(
        (step, context) -> {
          if (step == 5 && broken.get()) {
            throw new IllegalStateException("the printer is out of paper");
          }
        });
    Reply failed =
        call()
            .statusCode(200)
            .body("status", equalTo("failed"))
            .body("progress.rowsScanned", equalTo(40))
            .body("progress.rowsChanged", equalTo(20));
    assertTrue(failed.text().contains("out of paper"), failed.text());
    retried(failed.id(), Map.of())
        .body("status", equalTo("failed"))
        .body("progress.rowsScanned", equalTo(40));
    broken.set(false);
    retried(failed.id(), Map.of())
        .body("id", equalTo((int) failed.id()))
        .body("status", equalTo("succeeded"))
        .body("error", equalTo(null))
        .body("progress.rowsTotal", equalTo(STEPS * 10))
        .body("progress.rowsScanned", equalTo(STEPS * 10))
        .body("progress.rowsChanged", equalTo(STEPS * 5));
    assertEquals(List.of("start", "4", "4"), begun);
  }

  @Test
  void a_cancelled_plain_task_continues_from_its_checkpoint() {
    var waits = new AtomicBoolean(true);
    steps(
        (step, context) -> {
          if (step == 3) {
            Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> !waits.get() || context.stopRequested());
          }
        });
    long id =
        API.start(project)
            .with("task", "call")
            .with("parameters", Map.of("call", project))
            .accepted();
    Awaitility.await().until(() -> API.batch(id).at("/progress/rowsScanned").asInt() == 20);
    API.post("/batches/" + id + "/cancel").statusCode(202);
    assertEquals("cancelled", API.ended(id).path("status").asText());
    waits.set(false);
    retried(id, Map.of())
        .body("status", equalTo("succeeded"))
        .body("progress.rowsScanned", equalTo(STEPS * 10))
        .body("progress.rowsChanged", equalTo(STEPS * 5));
    // The task saves the step during which it was stopped.
    assertEquals(List.of("start", "3"), begun);
  }

  @Test
  void lanes_of_a_chunked_task_continue_from_their_checkpoints() throws SQLException {
    var broken = new AtomicBoolean(true);
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          long after = chunk.after() == null ? 0 : Long.parseLong(chunk.after());
          if (broken.get() && after < BAD && BAD <= Long.parseLong(chunk.upTo())) {
            throw new SQLException("a bad row", "22003", 1264);
          }
        });
    Reply failed =
        API.start(project)
            .with("task", "faulty")
            .with("parameters", Map.of("table", table.name()))
            .with("lanes", 3)
            .chunkRows(10)
            .waiting()
            .send()
            .statusCode(200)
            .body("status", equalTo("failed"));
    long done = table.rowsWith(1);
    assertTrue(done < ROWS, failed.text());
    assertEquals((int) done, failed.<Integer>path("progress.rowsChanged"));
    broken.set(false);
    retried(failed.id(), Map.of("lanes", 2))
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(ROWS));
    assertEquals(ROWS, table.rowsWith(1));
    API.post("/batches/" + failed.id() + "/retry")
        .statusCode(409)
        .body("type", endsWith("illegal-transition"));
  }
}
