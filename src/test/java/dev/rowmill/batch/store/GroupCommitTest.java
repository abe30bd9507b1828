package dev.rowmill.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Batches;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {

  private static final int THREADS = 8;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Holds the groups in the order in which they began. */
  private final List<List<Integer>> groups = Collections.synchronizedList(new ArrayList<>());

  private final CountDownLatch firstBegan = new CountDownLatch(1);
  private final CountDownLatch firstMayEnd = new CountDownLatch(1);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private CompletableFuture<Integer> call(GroupCommit<Integer, Integer> group, int request) {
    return CompletableFuture.supplyAsync(() -> group.call(request), threads);
  }

  /** Starts a first group, of one request, which lasts until other requests wait. */
  private List<CompletableFuture<Integer>> callWhileTheFirstIsAtWork(
      GroupCommit<Integer, Integer> group, int requests) throws InterruptedException {
    List<CompletableFuture<Integer>> results = new ArrayList<>();
    results.add(call(group, 0));
    assertTrue(firstBegan.await(Batches.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    for (int request = 1; request < requests; request++) {
      results.add(call(group, request));
      int waiting = request;
      Awaitility.await().until(() -> group.waiting() == waiting);
    }
    firstMayEnd.countDown();
    return results;
  }

  private void begin(List<Integer> requests) {
    groups.add(requests);
    firstBegan.countDown();
    try {
      firstMayEnd.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void requests_that_arrive_during_a_group_form_the_next_group() throws Exception {
    var group =
        new GroupCommit<Integer, Integer>(
            requests -> {
              begin(requests);
              return requests.stream().map(request -> request * 10).toList();
            },
            error -> false);
    List<CompletableFuture<Integer>> results = callWhileTheFirstIsAtWork(group, 5);
    for (int request = 0; request < 5; request++) {
      assertEquals(request * 10, results.get(request).join());
    }
    assertEquals(List.of(List.of(0), List.of(1, 2, 3, 4)), groups);
  }

  @Test
  void an_error_affects_only_the_request_that_caused_it() throws Exception {
    var error = new IllegalStateException("not 2");
    var group =
        new GroupCommit<Integer, Integer>(
            requests -> {
              begin(requests);
              if (requests.contains(2)) {
                throw error;
              }
              return requests;
            },
            e -> false);
    List<CompletableFuture<Integer>> results = callWhileTheFirstIsAtWork(group, 4);
    assertEquals(1, results.get(1).join());
    assertSame(error, assertThrows(CompletionException.class, results.get(2)::join).getCause());
    assertEquals(3, results.get(3).join());
    assertEquals(List.of(List.of(0), List.of(1, 2, 3), List.of(1), List.of(2), List.of(3)), groups);
  }

  @Test
  void an_error_of_the_group_is_reported_to_all_its_requests() throws Exception {
    var away = new IllegalStateException("the database is unavailable");
    var group =
        new GroupCommit<Integer, Integer>(
            requests -> {
              begin(requests);
              throw away;
            },
            away::equals);
    for (CompletableFuture<Integer> result : callWhileTheFirstIsAtWork(group, 4)) {
      assertSame(away, assertThrows(CompletionException.class, result::join).getCause());
    }
    assertEquals(List.of(List.of(0), List.of(1, 2, 3)), groups);
  }

  @Test
  void an_interrupt_does_not_affect_requests_of_other_threads() {
    var interruptedInside = new ArrayList<Boolean>();
    var group =
        new GroupCommit<Integer, Integer>(
            requests -> {
              interruptedInside.add(Thread.currentThread().isInterrupted());
              return requests;
            },
            error -> false);
    Thread.currentThread().interrupt();
    assertEquals(7, group.call(7));
    assertTrue(Thread.interrupted());
    assertEquals(List.of(false), interruptedInside);
  }

  @Test
  void each_request_of_many_threads_runs_once_and_gets_its_own_result() throws Exception {
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    var group =
        new GroupCommit<Integer, Integer>(
            requests -> {
              if (requests.size() > 1 && requests.get(0) % 5 == 0) {
                throw new IllegalStateException("one by one");
              }
              done.addAll(requests);
              return requests.stream().map(request -> -request).toList();
            },
            error -> false);
    var barrier = new CyclicBarrier(THREADS);
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int first = thread * 1000;
      callers.add(
          CompletableFuture.runAsync(
              () -> {
                await(barrier);
                for (int request = first; request < first + 1000; request++) {
                  assertEquals(-request, group.call(request));
                }
              },
              threads));
    }
    callers.forEach(CompletableFuture::join);
    assertEquals(THREADS * 1000, done.size());
    assertEquals(THREADS * 1000, done.stream().distinct().count());
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
