package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.ExpectedEnd;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.LosingPool;
import dev.rowmill.testing.LosingPool.Commit;
import dev.rowmill.testing.Soak;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ConditionsTest {

  private static final Failure FAILURE =
      new Failure("task-failed", Map.of("message", "x"), List.of());

  /** Records the launches of freed batches. */
  @ApplicationScoped
  static class Launches implements FreedLauncher {
    private final Set<Long> batches = new ConcurrentSkipListSet<>();
    private final Set<String> projects = new ConcurrentSkipListSet<>();

    Set<Long> batches() {
      return batches;
    }

    Set<String> projects() {
      return projects;
    }

    @Override
    public void launch(BatchView batch) {
      batches.add(batch.id());
    }

    @Override
    public void revisit(String project) {
      projects.add(project);
    }
  }

  @Inject BatchStarts starts;
  @Inject BatchHistory history;
  @Inject ProjectQueues queues;
  @Inject Launches launches;
  @Inject BatchStoreTest.Recorder recorder;
  @Inject DataSource control;
  @Inject @Any Instance<StatusListener> listeners;
  @Inject @Any Instance<ChangeRecorder> recorders;
  @Inject @Any Instance<FreedLauncher> launchers;
  @Inject @Any Instance<NeededData> needed;
  @Inject @Any Instance<ClaimRule> rules;
  @Inject Clock clock;

  private final Set<Long> all = new TreeSet<>();

  private RunStore runs;
  private BatchRequests requests;

  /** Lets nothing launch the batches but this test's own recorder. */
  @BeforeEach
  void launchesAreOnlyRecorded() {
    BatchTransactions transactions = transactions(control);
    runs = new RunStore(transactions, rules);
    requests = new BatchRequests(transactions);
  }

  @SuppressWarnings("unchecked")
  private BatchTransactions transactions(DataSource pool) {
    Instance<?> recording = launchers.select(Launches.class);
    return new BatchTransactions(
        new ControlTransactions(pool),
        listeners,
        recorders,
        (Instance<FreedLauncher>) recording,
        needed,
        clock);
  }

  private BatchView store(String project, boolean queue, Predecessors predecessors) {
    NewBatch start = Batches.unstarted(project, "none", Mode.PARALLEL).with(predecessors);
    BatchView batch =
        assertInstanceOf(StartResult.Stored.class, starts.store(start, queue)).batch();
    synchronized (all) {
      all.add(batch.id());
    }
    return batch;
  }

  private BatchView stored(Condition... conditions) {
    return store(Batches.newProject(), false, new Predecessors(List.of(conditions), false));
  }

  private BatchView following(String project) {
    return store(project, true, new Predecessors(List.of(), true));
  }

  private BatchView queued(String project) {
    return store(project, true, Predecessors.NONE);
  }

  private static Condition after(BatchView batch, ExpectedEnd on) {
    return Condition.open(batch.id(), on);
  }

  private static Condition after(BatchView batch) {
    return after(batch, ExpectedEnd.SUCCEEDED);
  }

  private Claim claimed(BatchView batch) {
    return runs.claim(batch.id(), "test").orElseThrow();
  }

  private Optional<BatchView> succeed(BatchView batch) {
    return runs.end(claimed(batch), null, Duration.ZERO);
  }

  private void fail(BatchView batch) {
    runs.end(claimed(batch), FAILURE, Duration.ZERO);
  }

  private BatchView now(BatchView batch) {
    return history.find(batch.id()).orElseThrow();
  }

  private BatchStatus status(BatchView batch) {
    return now(batch).status();
  }

  /** Ends all batches, so that no later start of the service finds them. */
  @AfterEach
  void nothingIsLeft() {
    for (Long id : all) {
      BatchView batch = history.find(id).orElseThrow();
      if (batch.status() == BatchStatus.RUNNING) {
        succeed(batch);
      } else if (!batch.status().isFinal()) {
        requests.request(id, BatchStatus.CANCELLED, false);
      }
    }
  }

  @Test
  void a_batch_waits_until_its_predecessors_have_succeeded() {
    BatchView first = stored();
    BatchView second = stored();
    BatchView last = stored(after(first), after(second, ExpectedEnd.ENDED));
    assertEquals(BatchStatus.WAITING, last.status());
    assertNull(now(last).waitingPosition());
    assertEquals(2, now(last).dependencies().open());
    succeed(first);
    assertEquals(BatchStatus.WAITING, status(last));
    assertEquals(
        List.of(after(first).asMet(), after(second, ExpectedEnd.ENDED)),
        now(last).dependencies().conditions());
    fail(second);
    assertEquals(BatchStatus.QUEUED, status(last));
    assertEquals(0, now(last).dependencies().open());
    assertTrue(launches.batches().contains(last.id()));
  }

  @Test
  void a_start_whose_conditions_are_met_is_queued_at_once() {
    BatchView first = stored();
    succeed(first);
    BatchView last = stored(after(first));
    assertEquals(BatchStatus.QUEUED, last.status());
    assertEquals(List.of(after(first).asMet()), last.dependencies().conditions());
  }

  @Test
  void a_start_whose_condition_cannot_be_met_is_rejected() {
    BatchView failed = stored();
    fail(failed);
    Refusal refusal = assertThrows(Refusal.class, () -> stored(after(failed)));
    assertEquals("dependency-failed", refusal.type());
    assertEquals(Map.of("batch", failed.id(), "batchStatus", "failed"), refusal.members());
    refusal =
        assertThrows(Refusal.class, () -> stored(Condition.open(99_999_999, ExpectedEnd.ENDED)));
    assertEquals("unknown-batch", refusal.type());
  }

  @Test
  void each_end_meets_the_conditions_that_expect_it() {
    for (BatchStatus end :
        List.of(BatchStatus.SUCCEEDED, BatchStatus.FAILED, BatchStatus.CANCELLED)) {
      BatchView first = stored();
      BatchView onSuccess = stored(after(first));
      BatchView onFailure = stored(after(first, ExpectedEnd.FAILED));
      BatchView onEnd = stored(after(first, ExpectedEnd.ENDED));
      if (end == BatchStatus.CANCELLED) {
        requests.request(first.id(), end, false);
      } else {
        runs.end(claimed(first), end == BatchStatus.FAILED ? FAILURE : null, Duration.ZERO);
      }
      assertEquals(
          end == BatchStatus.SUCCEEDED ? BatchStatus.QUEUED : BatchStatus.CANCELLED,
          status(onSuccess));
      assertEquals(
          end == BatchStatus.FAILED ? BatchStatus.QUEUED : BatchStatus.CANCELLED,
          status(onFailure));
      assertEquals(BatchStatus.QUEUED, status(onEnd));
    }
  }

  @Test
  void a_failure_cancels_all_that_depend_on_it_in_one_transaction() {
    BatchView first = stored();
    List<BatchView> chain = new ArrayList<>(List.of(first));
    for (int i = 0; i < 40; i++) {
      chain.add(stored(after(chain.get(i))));
    }
    BatchView onEnd = stored(after(chain.get(40), ExpectedEnd.ENDED));
    recorder.changes().clear();
    fail(first);
    for (int i = 1; i <= 40; i++) {
      BatchView batch = now(chain.get(i));
      assertEquals(BatchStatus.CANCELLED, batch.status());
      assertEquals(
          new Failure(
              "dependency-failed",
              Map.of(
                  "batch",
                  (int) chain.get(i - 1).id(),
                  "batchStatus",
                  i == 1 ? "failed" : "cancelled"),
              List.of()),
          batch.error());
      assertEquals(0, batch.dependencies().open());
      assertEquals(now(first).finishedAt(), batch.finishedAt());
    }
    assertEquals(BatchStatus.QUEUED, status(onEnd));
    List<Long> ended =
        recorder.changes().stream()
            .filter(change -> change.status().isFinal())
            .map(StatusChange::batch)
            .toList();
    assertEquals(chain.stream().map(BatchView::id).toList(), ended);
  }

  @Test
  void a_cancelled_waiting_batch_cancels_its_dependents() {
    BatchView first = stored();
    BatchView second = stored(after(first));
    BatchView third = stored(after(second));
    requests.request(second.id(), BatchStatus.CANCELLED, false);
    assertEquals(BatchStatus.CANCELLED, status(second));
    assertNull(now(second).error());
    assertEquals(BatchStatus.CANCELLED, status(third));
    succeed(first);
    assertEquals(BatchStatus.CANCELLED, status(second));
  }

  @Test
  void a_freed_batch_waits_in_the_queue_of_a_busy_project() {
    BatchView first = stored();
    String busy = Batches.newProject();
    BatchView active = queued(busy);
    BatchView last = store(busy, false, new Predecessors(List.of(after(first)), false));
    succeed(first);
    assertEquals(BatchStatus.WAITING, status(last));
    assertEquals(1, now(last).waitingPosition());
    assertEquals(last.id(), succeed(active).orElseThrow().id());
  }

  @Test
  void an_end_frees_a_batch_of_its_own_project() {
    String project = Batches.newProject();
    BatchView first = queued(project);
    BatchView last = store(project, false, new Predecessors(List.of(after(first)), false));
    assertEquals(last.id(), succeed(first).orElseThrow().id());
  }

  /** Stores a batch that waits for its approval and for another batch. */
  private BatchView unapproved(BatchView first) {
    NewBatch start = Batches.unstarted(Batches.newProject(), "none", Mode.PARALLEL);
    NewBatch unapproved =
        new NewBatch(
            start.spec(),
            Approval.awaited(5, true),
            new Predecessors(List.of(after(first)), false),
            start.startKey(),
            "",
            null,
            null,
            false,
            null);
    BatchView last =
        assertInstanceOf(StartResult.Stored.class, starts.store(unapproved, false)).batch();
    all.add(last.id());
    return last;
  }

  @Test
  void an_approval_is_needed_beside_the_conditions() {
    BatchView first = stored();
    BatchView last = unapproved(first);
    succeed(first);
    assertEquals(BatchStatus.WAITING, status(last));
    requests.approve(last.id(), null);
    assertEquals(BatchStatus.QUEUED, status(last));
  }

  @Test
  void an_approved_batch_still_waits_for_its_conditions() {
    BatchView first = stored();
    BatchView last = unapproved(first);
    requests.approve(last.id(), null);
    queues.queueWaiting();
    assertEquals(BatchStatus.WAITING, status(last));
    succeed(first);
    assertEquals(BatchStatus.QUEUED, status(last));
  }

  @Test
  void what_follows_a_failed_batch_in_a_queue_is_cancelled() {
    String project = Batches.newProject();
    BatchView active = following(project);
    assertEquals(BatchStatus.QUEUED, active.status());
    BatchView second = following(project);
    BatchView third = following(project);
    BatchView patient = queued(project);
    assertEquals(active.id(), now(second).dependencies().conditions().get(0).batch());
    assertEquals(second.id(), now(third).dependencies().conditions().get(0).batch());
    Claim claim = claimed(active);
    assertEquals(patient.id(), runs.end(claim, FAILURE, Duration.ZERO).orElseThrow().id());
    assertEquals(BatchStatus.CANCELLED, status(second));
    assertEquals(BatchStatus.CANCELLED, status(third));
  }

  @Test
  void what_follows_a_successful_batch_in_a_queue_runs_in_order() {
    String project = Batches.newProject();
    BatchView active = queued(project);
    BatchView second = following(project);
    BatchView third = queued(project);
    BatchView fourth = following(project);
    assertEquals(third.id(), now(fourth).dependencies().conditions().get(0).batch());
    assertEquals(second.id(), succeed(active).orElseThrow().id());
    assertEquals(third.id(), succeed(second).orElseThrow().id());
    assertEquals(fourth.id(), succeed(third).orElseThrow().id());
  }

  @Test
  void a_batch_that_waits_for_another_project_is_in_no_queue_to_follow() {
    BatchView elsewhere = stored();
    String project = Batches.newProject();
    BatchView active = queued(project);
    store(project, false, new Predecessors(List.of(after(elsewhere)), false));
    assertEquals(active.id(), now(following(project)).dependencies().conditions().get(0).batch());
  }

  @Test
  void a_lost_response_to_an_end_leaves_no_freed_batch_behind() {
    for (Commit fate : List.of(Commit.LOST_AFTER, Commit.LOST_BEFORE)) {
      BatchView first = stored();
      BatchView last = stored(after(first));
      Claim claim = claimed(first);
      var losing = new LosingPool(control, commit -> commit == 1 ? fate : Commit.ANSWERED);
      new RunStore(transactions(losing), rules).end(claim, null, Duration.ZERO);
      assertEquals(BatchStatus.QUEUED, status(last));
      assertTrue(launches.batches().contains(last.id()), fate + " leaves it without a launch");
    }
  }

  @Test
  void an_end_without_any_response_has_its_freed_projects_visited_again() {
    BatchView first = stored();
    BatchView last = stored(after(first));
    Claim claim = claimed(first);
    var losing = new LosingPool(control, commit -> Commit.LOST_AFTER);
    RunStore store = new RunStore(transactions(losing), rules);
    assertThrows(RuntimeException.class, () -> store.end(claim, null, Duration.ZERO));
    assertEquals(BatchStatus.QUEUED, status(last));
    assertTrue(launches.projects().contains(last.project()));
  }

  @Test
  void a_dependent_stored_while_its_predecessor_ends_is_never_forgotten() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      int rejected = 0;
      int waited = 0;
      for (int i = 0; i < Soak.number(60, 2000); i++) {
        BatchView first = stored();
        Claim claim = claimed(first);
        boolean fails = i % 2 == 1;
        var barrier = new CyclicBarrier(4);
        List<Future<Optional<BatchView>>> stores = new ArrayList<>();
        for (int j = 0; j < 3; j++) {
          Callable<Optional<BatchView>> storing =
              () -> {
                barrier.await();
                try {
                  return Optional.of(stored(after(first)));
                } catch (Refusal e) {
                  assertEquals("dependency-failed", e.type());
                  return Optional.empty();
                }
              };
          stores.add(threads.submit(storing));
        }
        Future<?> end =
            threads.submit(
                () -> {
                  barrier.await();
                  return runs.end(claim, fails ? FAILURE : null, Duration.ZERO);
                });
        end.get();
        for (Future<Optional<BatchView>> store : stores) {
          Optional<BatchView> batch = store.get();
          rejected += batch.isEmpty() ? 1 : 0;
          waited += batch.isPresent() && batch.get().status() == BatchStatus.WAITING ? 1 : 0;
          assertTrue(fails || batch.isPresent());
          if (batch.isPresent()) {
            assertEquals(fails ? BatchStatus.CANCELLED : BatchStatus.QUEUED, status(batch.get()));
          }
        }
      }
      assertTrue(rejected > 0 && waited > 0, rejected + " rejected, " + waited + " waited");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void concurrent_ends_of_all_predecessors_free_a_batch_once() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int i = 0; i < Soak.number(40, 1000); i++) {
        List<BatchView> before = List.of(stored(), stored(), stored());
        BatchView last =
            stored(before.stream().map(ConditionsTest::after).toArray(Condition[]::new));
        var barrier = new CyclicBarrier(3);
        List<Future<?>> ends = new ArrayList<>();
        for (BatchView batch : before) {
          Claim claim = claimed(batch);
          ends.add(
              threads.submit(
                  () -> {
                    barrier.await();
                    return runs.end(claim, null, Duration.ZERO);
                  }));
        }
        for (Future<?> end : ends) {
          end.get();
        }
        assertEquals(BatchStatus.QUEUED, status(last));
        assertEquals(0, now(last).dependencies().open());
        assertTrue(launches.batches().contains(last.id()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void a_batch_freed_while_its_project_becomes_free_is_queued() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < Soak.number(40, 1000); i++) {
        BatchView first = stored();
        String project = Batches.newProject();
        BatchView active = queued(project);
        BatchView last = store(project, false, new Predecessors(List.of(after(first)), false));
        var barrier = new CyclicBarrier(2);
        List<Claim> claims = List.of(claimed(first), claimed(active));
        List<Future<?>> ends = new ArrayList<>();
        for (Claim claim : claims) {
          ends.add(
              threads.submit(
                  () -> {
                    barrier.await();
                    return runs.end(claim, null, Duration.ZERO);
                  }));
        }
        for (Future<?> end : ends) {
          end.get();
        }
        assertEquals(BatchStatus.QUEUED, status(last), "nobody queues the freed batch");
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void a_project_taken_while_a_batch_of_it_is_freed_does_not_fail_the_end() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < Soak.number(40, 1000); i++) {
        BatchView first = stored();
        String project = Batches.newProject();
        BatchView last = store(project, false, new Predecessors(List.of(after(first)), false));
        Claim claim = claimed(first);
        var barrier = new CyclicBarrier(2);
        Future<?> end =
            threads.submit(
                () -> {
                  barrier.await();
                  return runs.end(claim, null, Duration.ZERO);
                });
        Future<BatchView> other =
            threads.submit(
                () -> {
                  barrier.await();
                  return queued(project);
                });
        end.get();
        List<BatchStatus> both = List.of(status(last), status(other.get()));
        assertEquals(
            List.of(BatchStatus.QUEUED, BatchStatus.WAITING),
            both.stream().sorted(Comparator.reverseOrder()).toList());
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
