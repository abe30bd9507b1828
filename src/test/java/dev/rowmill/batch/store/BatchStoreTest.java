package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.LosingPool;
import dev.rowmill.testing.LosingPool.Commit;
import dev.rowmill.testing.Sql;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class BatchStoreTest {

  /** Records the published changes. */
  @ApplicationScoped
  static class Recorder implements StatusListener {
    private final List<StatusChange> changes = new CopyOnWriteArrayList<>();

    List<StatusChange> changes() {
      return changes;
    }

    @Override
    public void changed(List<StatusChange> changes) {
      this.changes.addAll(changes);
    }
  }

  @Inject ProjectQueues queues;

  @Inject BatchRequests requests;

  @Inject RunStore runs;

  @Inject BatchStarts starts;
  @Inject BatchTransactions transactions;
  @Inject Recorder recorder;
  @Inject BatchHistory history;
  @Inject DataSource control;
  @Inject @Any Instance<StatusListener> listeners;
  @Inject @Any Instance<ChangeRecorder> recorders;
  @Inject @Any Instance<FreedLauncher> launchers;
  @Inject @Any Instance<NeededData> needed;
  @Inject @Any Instance<ClaimRule> rules;
  @Inject Clock clock;

  private final String project = Batches.newProject();

  private BatchView stored(boolean line) {
    var start = Batches.unstarted(project, "none", Mode.PARALLEL);
    return assertInstanceOf(StartResult.Stored.class, starts.store(start, line)).batch();
  }

  private Claim claimed(BatchView batch) {
    return runs.claim(batch.id(), "test").orElseThrow();
  }

  /** Ends the remaining batches, so that no later start of the service finds them. */
  private void end(BatchView batch) {
    runs.end(claimed(batch), null, Duration.ZERO);
  }

  @Test
  void an_end_stored_again_after_a_lost_response_returns_the_same_next_batch() {
    Claim first = claimed(stored(false));
    BatchView next = stored(true);
    assertEquals(next.id(), runs.end(first, null, Duration.ZERO).orElseThrow().id());
    assertEquals(Optional.of(next.id()), runs.end(first, null, Duration.ZERO).map(BatchView::id));
    end(next);
  }

  @Test
  void a_batch_that_is_queued_while_the_previous_one_ends_is_launched() throws Exception {
    Claim first = claimed(stored(false));
    CompletableFuture<Optional<BatchView>> end;
    try (Connection joining = control.getConnection();
        Statement statement = joining.createStatement()) {
      joining.setAutoCommit(false);
      statement.execute(
          "INSERT INTO batch (project, kind, task, parameters, mode, status, chunk_rows, start_key,"
              + " request_hash, created_at) SELECT project, kind, task, parameters, mode,"
              + " 'WAITING', chunk_rows, CONCAT(start_key, '-2'), request_hash, created_at"
              + " FROM batch WHERE id = "
              + first.batch().id());
      statement.execute(
          "UPDATE project SET last_batch = LAST_INSERT_ID() WHERE name = '" + project + "'");
      end = CompletableFuture.supplyAsync(() -> runs.end(first, null, Duration.ZERO));
      Awaitility.await("the end, or its wait for the one that joins")
          .atMost(Batches.PATIENCE)
          .until(() -> end.isDone() || Sql.isLockAwaited(control));
      joining.commit();
    }
    Optional<BatchView> next = end.get();
    // Whoever joined looks at the line itself, after its commit.
    Optional<BatchView> seen = next.isPresent() ? next : queues.queueNext(project);
    assertTrue(next.isPresent() || seen.isPresent(), "nobody brings the waiting batch on");
    assertTrue(next.isPresent(), "the end did not wait to see who joined");
    end(next.get());
  }

  @Test
  void a_new_batch_is_claimed_as_it_was_launched() {
    BatchView launched = stored(false);
    Claim claim = runs.claim(launched, "test").orElseThrow();
    assertEquals(history.find(launched.id()).orElseThrow(), claim.batch());
    assertEquals(1, claim.epoch());
    // A claim whose response was lost, and a launch left behind, find another epoch.
    Claim again = runs.claim(launched, "test").orElseThrow();
    assertEquals(2, again.epoch());
    assertEquals(2, again.lanes().get(0).epoch());
    assertThrows(FencedException.class, () -> runs.end(claim, null, Duration.ZERO));
    runs.end(again, null, Duration.ZERO);
    assertEquals(Optional.empty(), runs.claim(launched, "test"));
  }

  @Test
  void a_run_may_continue_until_a_stop_is_requested_or_another_run_takes_over() {
    BatchView launched = stored(false);
    Claim first = runs.claim(launched, "test").orElseThrow();
    assertTrue(runs.mayContinue(first));
    Claim second = runs.claim(launched, "test").orElseThrow();
    assertThrows(FencedException.class, () -> runs.mayContinue(first));
    assertTrue(runs.mayContinue(second));
    requests.request(launched.id(), BatchStatus.PAUSED, false);
    assertFalse(runs.mayContinue(second));
    requests.request(launched.id(), BatchStatus.QUEUED, false);
    assertTrue(runs.mayContinue(second));
    requests.request(launched.id(), BatchStatus.CANCELLED, false);
    assertFalse(runs.mayContinue(second));
    runs.putBack(second, Duration.ZERO);
    assertThrows(FencedException.class, () -> runs.mayContinue(second));
  }

  @Test
  void a_launched_batch_that_was_cancelled_is_not_claimed() {
    BatchView launched = stored(false);
    requests.request(launched.id(), BatchStatus.CANCELLED, false);
    assertEquals(Optional.empty(), runs.claim(launched, "test"));
  }

  @Test
  void a_claim_without_a_read_whose_response_was_lost_is_made_again() {
    BatchView launched = stored(false);
    Claim claim = losingTheFirst(Commit.LOST_AFTER).claim(launched, "test").orElseThrow();
    assertEquals(2, claim.epoch());
    assertStored(claim);
    BatchView another = stored(true);
    assertEquals(another.id(), runs.end(claim, null, Duration.ZERO).orElseThrow().id());
    claim = losingTheFirst(Commit.LOST_BEFORE).claim(another, "test").orElseThrow();
    assertStored(claim);
    runs.end(claim, null, Duration.ZERO);
  }

  private RunStore losingTheFirst(Commit fate) {
    var losing = new LosingPool(control, commit -> commit == 1 ? fate : Commit.ANSWERED);
    return new RunStore(
        new BatchTransactions(
            new ControlTransactions(losing), listeners, recorders, launchers, needed, clock),
        rules);
  }

  private void assertStored(Claim claim) {
    BatchView batch = history.find(claim.batch().id()).orElseThrow();
    assertEquals(BatchStatus.RUNNING, batch.status());
    assertEquals(batch.epoch(), claim.epoch());
    List<Integer> epochs =
        transactions.read(
            connection ->
                Rows.query(
                    connection,
                    "SELECT epoch FROM lane WHERE batch = ?",
                    row -> row.getInt(1),
                    batch.id()));
    assertEquals(List.of(claim.epoch()), epochs);
    assertEquals(claim.epoch(), claim.lanes().get(0).epoch());
  }

  @Test
  void a_new_batch_is_claimed_together_with_one_that_was_claimed_before() throws Exception {
    BatchView first = stored(false);
    BatchView fresh = storedElsewhere();
    BatchView known = storedElsewhere();
    claimed(known);
    List<CompletableFuture<Claim>> claims = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (Connection other = control.getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT id FROM batch WHERE id = " + first.id() + " FOR UPDATE");
      // The other two form the next group, because the first one waits for the lock.
      for (BatchView batch : List.of(first, fresh, known)) {
        claims.add(
            CompletableFuture.supplyAsync(() -> runs.claim(batch, "test").orElseThrow(), threads));
        Awaitility.await("the lock").until(() -> Sql.isLockAwaited(control));
      }
      Awaitility.await("the group").until(() -> runs.waitingClaims() == 2);
      other.commit();
      for (CompletableFuture<Claim> claim : claims) {
        assertStored(claim.get());
      }
      assertEquals(2, claims.get(2).get().epoch());
    } finally {
      threads.shutdownNow();
    }
    for (CompletableFuture<Claim> claim : claims) {
      runs.end(claim.get(), null, Duration.ZERO);
    }
  }

  private BatchView storedElsewhere() {
    var start = Batches.unstarted(Batches.newProject(), "none", Mode.PARALLEL);
    return assertInstanceOf(StartResult.Stored.class, starts.store(start, false)).batch();
  }

  @Test
  void times_are_stored_to_the_millisecond() {
    List<BatchView> batches = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      batches.add(stored(true));
    }
    for (BatchView batch : batches) {
      assertEquals(batch.createdAt(), history.find(batch.id()).orElseThrow().createdAt());
    }
    batches.forEach(this::endInTurn);
    List<BatchView> ended =
        batches.stream().map(batch -> history.find(batch.id()).orElseThrow()).toList();
    assertTrue(ended.stream().anyMatch(b -> b.startedAt().getNano() > 0), ended::toString);
    assertTrue(ended.stream().anyMatch(b -> b.finishedAt().getNano() > 0), ended::toString);
  }

  @Test
  void a_restart_requeues_batches_and_notifies_listeners() {
    BatchView paused = running(project);
    requests.request(paused.id(), BatchStatus.PAUSED, false);
    BatchView queued = running(Batches.newProject());
    recorder.changes().clear();
    List<Long> unfinished = queues.recover().stream().map(BatchView::id).toList();
    for (BatchView batch : List.of(paused, queued)) {
      BatchStatus to = batch == paused ? BatchStatus.PAUSED : BatchStatus.QUEUED;
      assertEquals(to, history.find(batch.id()).orElseThrow().status());
      assertEquals(
          List.of(to),
          recorder.changes().stream()
              .filter(change -> change.batch() == batch.id())
              .map(StatusChange::status)
              .toList());
      assertEquals(to == BatchStatus.QUEUED, unfinished.contains(batch.id()));
      requests.request(batch.id(), BatchStatus.CANCELLED, false);
    }
  }

  private BatchView running(String in) {
    var start = Batches.unstarted(in, "none", Mode.PARALLEL);
    var stored = assertInstanceOf(StartResult.Stored.class, starts.store(start, false));
    return claimed(stored.batch()).batch();
  }

  @Test
  void a_change_that_the_table_lacks_is_not_made() {
    BatchView batch = stored(false);
    end(batch);
    BatchView ended = history.find(batch.id()).orElseThrow();
    recorder.changes().clear();
    assertThrows(
        IllegalStateException.class,
        () -> transactions.run(changing -> changing.move(ended, BatchStatus.QUEUED, "")));
    assertEquals(BatchStatus.SUCCEEDED, history.find(batch.id()).orElseThrow().status());
    assertEquals(
        List.of(),
        recorder.changes().stream().filter(change -> change.batch() == batch.id()).toList());
  }

  private void endInTurn(BatchView batch) {
    queues.queueNext(project);
    end(batch);
  }
}
