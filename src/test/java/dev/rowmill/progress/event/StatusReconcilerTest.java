package dev.rowmill.progress.event;

import static dev.rowmill.batch.BatchStatus.PAUSED;
import static dev.rowmill.batch.BatchStatus.QUEUED;
import static dev.rowmill.batch.BatchStatus.RUNNING;
import static dev.rowmill.batch.BatchStatus.SUCCEEDED;
import static dev.rowmill.batch.BatchStatus.WAITING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusScan.Scan;
import dev.rowmill.batch.store.StatusScan.SeenStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatusReconcilerTest {

  private final List<String> news = new ArrayList<>();

  /** Holds the number of the newest change of this process. */
  private long order = 100;

  private StatusReconciler known = new StatusReconciler(look(70));

  private static StatusChange change(long order, long batch, int epoch, BatchStatus status) {
    return new StatusChange(order, batch, "p", Mode.PARALLEL, epoch, status);
  }

  private static SeenStatus sight(long batch, int epoch, BatchStatus status) {
    return new SeenStatus(change(0, batch, epoch, status), "");
  }

  private Scan look(long newest, SeenStatus... sights) {
    return new Scan(List.of(sights), newest, order);
  }

  private long publish(StatusChange change) {
    news.add(change.batch() + " " + change.status());
    return news.size();
  }

  /** Publishes a change of this process. */
  private void own(StatusChange change) {
    if (known.isNew(change)) {
      known.published(change, publish(change));
    }
  }

  private StatusChange noted(long batch, int epoch, BatchStatus status) {
    return change(++order, batch, epoch, status);
  }

  private void seen(Scan look) {
    seen(look, news.size());
  }

  private void seen(Scan look, long began) {
    known.changes(look, began, this::publish);
  }

  @Test
  void changes_of_other_nodes_are_published_once() {
    known = new StatusReconciler(look(70, sight(70, 0, QUEUED)));
    seen(look(70, sight(70, 0, QUEUED)));
    assertEquals(List.of(), news);
    assertEquals(Set.of(70L), known.live());
    seen(look(71, sight(70, 1, RUNNING), sight(71, 1, SUCCEEDED)));
    seen(look(71, sight(70, 1, RUNNING), sight(71, 1, SUCCEEDED)));
    assertEquals(List.of("70 RUNNING", "71 SUCCEEDED"), news);
    assertEquals(1, known.running().size());
    seen(look(71, sight(70, 1, SUCCEEDED)));
    seen(look(71));
    assertEquals(List.of("70 RUNNING", "71 SUCCEEDED", "70 SUCCEEDED"), news);
    assertEquals(Set.of(), known.live());
    assertEquals(List.of(), known.running());
  }

  @Test
  void new_batches_are_also_searched_among_those_of_the_previous_scan() {
    assertEquals(70, known.after());
    seen(look(80));
    assertEquals(70, known.after());
    seen(look(80, sight(75, 1, SUCCEEDED)));
    assertEquals(80, known.after());
    assertEquals(List.of("75 SUCCEEDED"), news);
  }

  @Test
  void a_change_seen_first_by_a_scan_is_published_once() {
    StatusChange own = noted(71, 1, RUNNING);
    seen(look(71, sight(71, 1, RUNNING)));
    own(own);
    assertEquals(List.of("71 RUNNING"), news);
    // The same status again, one run later.
    own(noted(71, 2, RUNNING));
    assertEquals(List.of("71 RUNNING", "71 RUNNING"), news);
  }

  @Test
  void a_scan_that_began_before_an_own_change_skips_that_batch() {
    own(noted(71, 1, QUEUED));
    long began = news.size();
    Scan old = look(72, sight(71, 1, PAUSED), sight(72, 0, QUEUED));
    own(noted(71, 1, PAUSED));
    own(noted(71, 1, QUEUED));
    seen(old, began);
    assertEquals(List.of("71 QUEUED", "71 PAUSED", "71 QUEUED", "72 QUEUED"), news);
  }

  @Test
  void an_older_status_is_not_published_after_a_newer_one() {
    StatusChange late = noted(71, 0, QUEUED);
    seen(look(71, sight(71, 1, RUNNING)));
    own(late);
    assertEquals(List.of("71 RUNNING"), news);
    own(noted(71, 1, SUCCEEDED));
    seen(look(71, sight(71, 1, RUNNING)));
    assertEquals(List.of("71 RUNNING", "71 SUCCEEDED"), news);
  }

  @Test
  void an_approval_is_published_though_the_batch_still_waits() {
    known = new StatusReconciler(look(70, new SeenStatus(change(0, 70, 0, WAITING), "APPROVAL")));
    seen(look(70, new SeenStatus(change(0, 70, 0, WAITING), "")));
    seen(look(70, new SeenStatus(change(0, 70, 0, WAITING), "")));
    assertEquals(List.of("70 WAITING"), news);
    own(noted(71, 0, WAITING));
    seen(look(71, new SeenStatus(change(0, 71, 0, WAITING), "APPROVAL")));
    assertEquals(List.of("70 WAITING", "71 WAITING"), news);
    StatusChange approved = noted(71, 0, WAITING);
    assertTrue(known.isNew(approved));
    own(approved);
    seen(look(71, new SeenStatus(change(0, 71, 0, WAITING), "")));
    assertEquals(List.of("70 WAITING", "71 WAITING", "71 WAITING"), news);
  }

  @Test
  void a_request_on_another_node_for_a_running_batch_is_told_once() {
    known = new StatusReconciler(look(70, sight(70, 1, RUNNING)));
    for (String pending : List.of("PAUSED", "PAUSED", "CANCELLED")) {
      seen(look(70, new SeenStatus(change(0, 70, 1, RUNNING), pending)));
    }
    assertEquals(List.of("70 RUNNING", "70 RUNNING"), news);
  }
}
