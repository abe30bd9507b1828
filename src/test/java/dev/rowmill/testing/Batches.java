package dev.rowmill.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.BatchWaiter;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.PoolStatus;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.pool.ProjectTracker;
import dev.rowmill.dispatch.pool.SerialQueue;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;

/** Starts batches for the tests, waits for them, and checks for leaked resources. */
@ApplicationScoped
public class Batches {

  public static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Names the system property that counts projects: each application loads this class anew. */
  private static final String COUNT = "testing.projects";

  private final BatchStarter starter;
  private final BatchWaiter waiter;
  private final PoolStatus pools;
  private final ProjectTracker tracker;
  private final SerialQueue serialQueue;
  private final AgroalDataSource data;

  Batches(
      BatchStarter starter,
      BatchWaiter waiter,
      PoolStatus pools,
      ProjectTracker tracker,
      SerialQueue serialQueue,
      @DataSource("data") AgroalDataSource data) {
    this.starter = starter;
    this.waiter = waiter;
    this.pools = pools;
    this.tracker = tracker;
    this.serialQueue = serialQueue;
    this.data = data;
  }

  /** Returns a project that no other test uses. */
  public static String newProject() {
    return "p"
        + System.getProperties()
            .merge(COUNT, "1", (count, one) -> "" + (Integer.parseInt("" + count) + 1));
  }

  /** Returns a start request for a task with one text parameter. */
  public static StartRequest request(String project, String task, String name, String value) {
    ObjectNode parameters = JSON.createObjectNode().put(name, value);
    return new StartRequest(
        spec(project, BatchWork.task(task, parameters.toString()), Mode.PARALLEL)
            .with(Safeguards.of(UndoPolicy.IF_POSSIBLE)),
        OnBusy.REJECT,
        Predecessors.NONE,
        null,
        Integer.toHexString((project + task + value).hashCode()));
  }

  private static BatchSpec spec(String project, BatchWork work, Mode mode) {
    return new BatchSpec(
        project,
        work,
        mode,
        new BatchSettings(10, null, 1, ThrottleLimits.NONE),
        Safeguards.NONE,
        Submission.NONE);
  }

  /**
   * Returns a batch to store without starting it. A batch of {@link CallTask} runs the call
   * registered under the project's name.
   */
  public static NewBatch unstarted(String project, String task, Mode mode) {
    String parameters = JSON.createObjectNode().put("call", project).toString();
    return new NewBatch(
        spec(project, BatchWork.task(task, parameters), mode),
        null,
        Predecessors.NONE,
        "start:" + UUID.randomUUID(),
        "",
        null,
        null,
        false,
        null);
  }

  /** Returns the request in serial mode. */
  public static StartRequest serial(StartRequest r) {
    BatchSpec s = r.spec();
    return r.with(
        new BatchSpec(
            s.project(), s.work(), Mode.SERIAL, s.settings(), s.safeguards(), s.submission()));
  }

  /** Returns the request with {@code onBusy} set to queue. */
  public static StartRequest lining(StartRequest r) {
    return new StartRequest(
        r.spec(), OnBusy.QUEUE, r.predecessors(), r.idempotencyKey(), r.requestHash());
  }

  /** Returns the request with an idempotency key. */
  public static StartRequest keyed(StartRequest r, String key) {
    return r.as(key, r.requestHash());
  }

  /** Returns the request with other settings. */
  public static StartRequest with(StartRequest r, SettingsChange settings) {
    return r.with(r.spec().with(settings.applyTo(r.spec().settings())));
  }

  public BatchView start(StartRequest request) {
    return starter.start(request);
  }

  /** Waits for the end of a batch. */
  public BatchView ended(BatchView batch) {
    BatchView ended = waiter.awaitEnd(batch, PATIENCE).await().indefinitely();
    Assertions.assertTrue(ended.status().isFinal(), () -> "still " + ended);
    return ended;
  }

  /** Fails unless all threads, connections, locks and projects become free. */
  public void leaveNothingBehind() {
    Awaitility.await("everything to come free")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(
            () -> {
              Assertions.assertEquals(0, pools.pool().active());
              Assertions.assertEquals(0, pools.pool().queued());
              Assertions.assertEquals(0, data.getMetrics().activeCount());
              Assertions.assertEquals(0, tracker.active());
              Assertions.assertFalse(tracker.isSerialLocked());
              Assertions.assertTrue(serialQueue.holder().isEmpty());
              Assertions.assertTrue(serialQueue.waiting().isEmpty());
            });
  }
}
