package dev.rowmill.dispatch;

import static dev.rowmill.testing.Batches.keyed;
import static dev.rowmill.testing.Batches.lining;
import static dev.rowmill.testing.Batches.newProject;
import static dev.rowmill.testing.Batches.request;
import static dev.rowmill.testing.Batches.serial;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.pool.PoolConfig;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.Soak;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ManyAtOnceTest {

  private static final int CALLERS = 64;
  private static final int ROUNDS = Soak.number(60, 200);

  @Inject Batches batches;
  @Inject LiveStates states;
  @Inject PoolStatus pools;
  @Inject PoolConfig pool;

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  /** Starts a batch; returns null if its project is busy. Any other refusal fails the test. */
  private BatchView startOrNull(StartRequest request) {
    try {
      return batches.start(request);
    } catch (Refusal e) {
      assertEquals("project-busy", e.type());
      assertTrue(e.members().containsKey("batch"));
      return null;
    }
  }

  @Test
  void exactly_one_of_64_concurrent_callers_is_accepted_in_each_of_200_rounds() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        String project = newProject();
        var barrier = new CyclicBarrier(CALLERS);
        List<Future<BatchView>> results = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
          results.add(
              callers.submit(
                  () -> {
                    barrier.await();
                    return startOrNull(request(project, "gate", "gate", project));
                  }));
        }
        List<BatchView> accepted = new ArrayList<>();
        for (Future<BatchView> result : results) {
          if (result.get() != null) {
            accepted.add(result.get());
          }
        }
        assertEquals(1, accepted.size(), "accepted in round " + round);
        GateTask.open(project);
        assertEquals(BatchStatus.SUCCEEDED, batches.ended(accepted.get(0)).status());
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void serial_batches_run_alone_and_in_order_and_parallel_ones_do_not_wait_for_them() {
    int each = 100;
    List<Long> order = new ArrayList<>();
    var running = new AtomicInteger();
    var overlaps = new AtomicInteger();
    var parallelDone = new CountDownLatch(each);
    CallTask.put(
        "serial",
        context -> {
          if (running.incrementAndGet() > 1) {
            overlaps.incrementAndGet();
          }
          // The first one blocks the serial queue until every parallel batch is done.
          parallelDone.await();
          synchronized (order) {
            order.add(context.batch());
          }
          running.decrementAndGet();
        });
    CallTask.put("parallel", context -> parallelDone.countDown());

    List<BatchView> serials = new ArrayList<>();
    List<BatchView> parallels = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      serials.add(batches.start(serial(request(newProject(), "call", "call", "serial"))));
      parallels.add(batches.start(request(newProject(), "call", "call", "parallel")));
    }

    for (BatchView batch : parallels) {
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    }
    for (BatchView batch : serials) {
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status());
    }
    assertEquals(0, overlaps.get());
    assertEquals(serials.stream().map(BatchView::id).toList(), order);
  }

  @Test
  void waiting_serial_batches_hold_no_thread_and_report_their_position() {
    String gate = newProject();
    List<BatchView> line = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      line.add(batches.start(serial(request(newProject(), "gate", "gate", gate))));
    }
    BatchView first = line.get(0);
    Awaitility.await().atMost(Batches.PATIENCE).until(() -> pools.pool().active() == 1);

    PoolView view = pools.pool();
    assertEquals(first.id(), view.serial().holder());
    assertEquals(line.stream().skip(1).map(BatchView::id).toList(), view.serial().waiting());
    assertEquals(29, states.of(line.get(29)).position().getAsLong());
    assertEquals(29, view.queued());

    GateTask.open(gate);
    line.forEach(batch -> assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status()));
  }

  @Test
  void the_serial_lock_is_released_after_any_error() {
    List<CallTask.Call> calls =
        List.of(
            context -> {
              throw new IllegalStateException("a bug");
            },
            context -> {
              throw new OutOfMemoryError("not really");
            },
            context -> {
              throw new InterruptedException("by the work itself");
            },
            context -> {
              Thread.currentThread().interrupt();
              throw new Exception("with the flag left set");
            });
    for (int i = 0; i < calls.size(); i++) {
      CallTask.put("throws" + i, calls.get(i));
      String project = newProject();
      BatchView bad = batches.start(serial(request(project, "call", "call", "throws" + i)));
      BatchStatus status = batches.ended(bad).status();
      assertEquals(BatchStatus.FAILED, status, "after call " + i);
      CallTask.put("fine", context -> {});
      BatchView good = batches.start(serial(request(project, "call", "call", "fine")));
      assertEquals(BatchStatus.SUCCEEDED, batches.ended(good).status(), "after call " + i);
    }
  }

  @Test
  void each_start_of_a_burst_over_5000_projects_is_accepted_or_rejected() throws Exception {
    Set<Long> ran = ConcurrentHashMap.newKeySet();
    CallTask.put("burst", context -> ran.add(context.batch()));
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<Callable<BatchView>> starts = new ArrayList<>();
    var refused = new AtomicInteger();
    for (int i = 0; i < 5000; i++) {
      String project = newProject();
      starts.add(
          () -> {
            try {
              return batches.start(request(project, "call", "call", "burst"));
            } catch (Refusal e) {
              assertEquals("pool-full", e.type());
              refused.incrementAndGet();
              return null;
            }
          });
    }
    Set<Long> accepted = ConcurrentHashMap.newKeySet();
    try {
      for (Future<BatchView> result : callers.invokeAll(starts)) {
        if (result.get() != null) {
          accepted.add(result.get().id());
          assertEquals(BatchStatus.SUCCEEDED, batches.ended(result.get()).status());
        }
      }
    } finally {
      callers.shutdownNow();
    }
    assertEquals(5000, accepted.size() + refused.get());
    assertEquals(accepted, ran);
  }

  @Test
  void a_full_pool_rejects_starts_until_it_has_room() {
    String gate = newProject();
    List<BatchView> started = new ArrayList<>();
    Refusal full = null;
    for (int i = 0; i <= pool.size() + pool.queue() && full == null; i++) {
      try {
        started.add(batches.start(request(newProject(), "gate", "gate", gate)));
      } catch (Refusal e) {
        full = e;
      }
    }
    assertEquals(pool.size() + pool.queue(), started.size());
    assertEquals("pool-full", full.type());

    GateTask.open(gate);
    started.forEach(batch -> assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status()));
    BatchView later = batches.start(request(newProject(), "gate", "gate", gate));
    assertEquals(BatchStatus.SUCCEEDED, batches.ended(later).status());
  }

  @Test
  void batches_of_a_busy_project_are_queued_in_the_order_of_their_starts() {
    String project = newProject();
    List<Long> order = new ArrayList<>();
    var go = new CountDownLatch(1);
    CallTask.put(
        project,
        context -> {
          go.await();
          synchronized (order) {
            order.add(context.batch());
          }
        });
    List<BatchView> line = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      line.add(batches.start(lining(request(project, "call", "call", project))));
    }
    assertEquals(BatchStatus.QUEUED, line.get(0).status());
    assertEquals(BatchStatus.WAITING, line.get(19).status());
    assertEquals(19, states.of(line.get(19)).position().getAsLong());
    assertThrows(Refusal.class, () -> batches.start(request(project, "call", "call", project)));

    go.countDown();
    line.forEach(batch -> assertEquals(BatchStatus.SUCCEEDED, batches.ended(batch).status()));
    assertEquals(line.stream().map(BatchView::id).toList(), order);
  }

  @Test
  void repeated_starts_with_the_same_key_start_one_batch() throws Exception {
    var runs = new AtomicInteger();
    String project = newProject();
    CallTask.put(project, context -> runs.incrementAndGet());
    StartRequest request = keyed(request(project, "call", "call", project), "key of " + project);
    ExecutorService callers = Executors.newFixedThreadPool(16);
    List<Callable<BatchView>> starts = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      starts.add(() -> batches.start(request));
    }
    Set<Long> ids = ConcurrentHashMap.newKeySet();
    try {
      for (Future<BatchView> result : callers.invokeAll(starts)) {
        ids.add(result.get().id());
      }
    } finally {
      callers.shutdownNow();
    }
    assertEquals(1, ids.size());
    batches.ended(batches.start(request));
    assertEquals(1, runs.get());
    StartRequest other = keyed(request(newProject(), "call", "call", project), "key of " + project);
    assertEquals(
        "idempotency-mismatch", assertThrows(Refusal.class, () -> batches.start(other)).type());
  }
}
