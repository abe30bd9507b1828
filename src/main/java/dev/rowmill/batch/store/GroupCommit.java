package dev.rowmill.batch.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Groups the concurrent requests of many threads into one transaction, run by one of them. A
 * request that finds no group running starts at once and alone, so none waits for others to join.
 * Requests that arrive meanwhile form the next group. Safe for many threads.
 *
 * @param <Q> type of a request
 * @param <A> type of a result
 */
final class GroupCommit<Q, A> {

  /** Limits the size of a group, so that statements and transactions stay short. */
  private static final int MOST = 50;

  /** Runs all requests of a group or, when it throws, none. */
  interface Work<Q, A> {

    /**
     * Runs the requests of a group in one transaction.
     *
     * @return a result for each request, in their order
     */
    List<A> call(List<Q> requests);
  }

  /** Holds the request of one thread, and its result. */
  private static final class Pending<Q, A> {
    final Q request;

    /** Completes when its request is done, or when its thread must lead the next group. */
    final CompletableFuture<Void> turn = new CompletableFuture<>();

    @Nullable A result;
    @Nullable Throwable error;
    boolean done;

    Pending(Q request) {
      this.request = request;
    }
  }

  private final Work<Q, A> work;
  private final Predicate<Throwable> concernsAll;
  private final Deque<Pending<Q, A>> waiting = new ArrayDeque<>();
  private boolean busy;

  /**
   * Creates a group commit for one kind of work.
   *
   * @param work also called with single requests of a failed group, so that a request can't fail
   *     because of another
   * @param concernsAll whether an error would occur for each request; then the requests are not
   *     retried one by one
   */
  GroupCommit(Work<Q, A> work, Predicate<Throwable> concernsAll) {
    this.work = work;
    this.concernsAll = concernsAll;
  }

  /**
   * Runs a request, and returns after its commit.
   *
   * @throws RuntimeException the exception of the work for this request
   */
  A call(Q request) {
    var mine = new Pending<Q, A>(request);
    if (!isFirst(mine)) {
      mine.turn.join();
    }
    if (!mine.done) {
      lead();
    }
    if (mine.error instanceof Error error) {
      throw error;
    } else if (mine.error instanceof RuntimeException error) {
      throw error;
    }
    return resultOf(mine);
  }

  @SuppressWarnings("NullAway") // the result is null only if A is nullable
  private static <A> A resultOf(Pending<?, A> pending) {
    return pending.result;
  }

  /** Returns the number of requests that are not in a group yet. */
  synchronized int waiting() {
    return waiting.size();
  }

  private synchronized boolean isFirst(Pending<Q, A> pending) {
    waiting.addLast(pending);
    boolean first = !busy;
    busy = true;
    return first;
  }

  private void lead() {
    List<Pending<Q, A>> group = next();
    // An interrupt concerns this thread's own work, not the requests of other threads.
    boolean interrupted = Thread.interrupted();
    try {
      run(group);
    } finally {
      passLead();
      group.forEach(pending -> pending.turn.complete(null));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized List<Pending<Q, A>> next() {
    List<Pending<Q, A>> group = new ArrayList<>();
    while (group.size() < MOST && !waiting.isEmpty()) {
      group.add(waiting.removeFirst());
    }
    return group;
  }

  private synchronized void passLead() {
    Pending<Q, A> leader = waiting.peekFirst();
    if (leader == null) {
      busy = false;
    } else {
      leader.turn.complete(null);
    }
  }

  private void run(List<Pending<Q, A>> group) {
    Throwable error = tryAll(group);
    if (error != null && group.size() > 1 && !concernsAll.test(error)) {
      error = null;
      for (int i = 0; i < group.size() && (error == null || !concernsAll.test(error)); i++) {
        error = tryAll(group.subList(i, i + 1));
        group.get(i).error = error;
        group.get(i).done = true;
      }
    }
    for (Pending<Q, A> pending : group) {
      if (!pending.done) {
        pending.error = error;
        pending.done = true;
      }
    }
  }

  private @Nullable Throwable tryAll(List<Pending<Q, A>> group) {
    try {
      List<A> results = work.call(group.stream().map(pending -> pending.request).toList());
      for (int i = 0; i < group.size(); i++) {
        group.get(i).result = results.get(i);
        group.get(i).done = true;
      }
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }
}
