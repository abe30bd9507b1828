package dev.rowmill.batch.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: what many threads ask for at once is done by one of them in one transaction. Who
 * finds nobody at work begins at once and alone, so that nothing waits to be joined; what comes
 * meanwhile makes up the next group. Safe for many threads.
 *
 * @param <Q> what is asked for
 * @param <A> what comes of it
 */
final class GroupCommit<Q, A> {

  /** Keeps statements and transactions short. */
  private static final int MOST = 50;

  /** Does all of a group or, when it throws, nothing. */
  interface Work<Q, A> {

    /**
     * @return an answer for each request, in their order
     */
    List<A> call(List<Q> requests);
  }

  /** One thread's request. */
  private static final class Asker<Q, A> {
    final Q request;

    /** Tells its thread to go on: it is done, or is the next to lead. */
    final CompletableFuture<Void> turn = new CompletableFuture<>();

    @Nullable A answer;
    @Nullable Throwable error;
    boolean done;

    Asker(Q request) {
      this.request = request;
    }
  }

  private final Work<Q, A> work;
  private final Predicate<Throwable> everybodys;
  private final Deque<Asker<Q, A>> waiting = new ArrayDeque<>();
  private boolean busy;

  /**
   * @param work also called with single requests of a group that failed, so that none of them
   *     suffers from another
   * @param everybodys whether an error would meet each request alike, and so none is tried alone
   */
  GroupCommit(Work<Q, A> work, Predicate<Throwable> everybodys) {
    this.work = work;
    this.everybodys = everybodys;
  }

  /**
   * Returns when the request is done and committed.
   *
   * @throws RuntimeException what the work threw for this request alone
   */
  A call(Q request) {
    var mine = new Asker<Q, A>(request);
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
    return answerOf(mine);
  }

  @SuppressWarnings("NullAway") // an answer may be null where A says so
  private static <A> A answerOf(Asker<?, A> asker) {
    return asker.answer;
  }

  /** Requests that no group has taken yet. */
  synchronized int waiting() {
    return waiting.size();
  }

  private synchronized boolean isFirst(Asker<Q, A> asker) {
    waiting.addLast(asker);
    boolean first = !busy;
    busy = true;
    return first;
  }

  private void lead() {
    List<Asker<Q, A>> group = next();
    // An interrupt is meant for this thread's own work, not for what others wait for.
    boolean interrupted = Thread.interrupted();
    try {
      answer(group);
    } finally {
      handOn();
      group.forEach(asker -> asker.turn.complete(null));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized List<Asker<Q, A>> next() {
    List<Asker<Q, A>> group = new ArrayList<>();
    while (group.size() < MOST && !waiting.isEmpty()) {
      group.add(waiting.removeFirst());
    }
    return group;
  }

  private synchronized void handOn() {
    Asker<Q, A> leader = waiting.peekFirst();
    if (leader == null) {
      busy = false;
    } else {
      leader.turn.complete(null);
    }
  }

  private void answer(List<Asker<Q, A>> group) {
    Throwable error = tryAll(group);
    if (error != null && group.size() > 1 && !everybodys.test(error)) {
      error = null;
      for (int i = 0; i < group.size() && (error == null || !everybodys.test(error)); i++) {
        error = tryAll(group.subList(i, i + 1));
        group.get(i).error = error;
        group.get(i).done = true;
      }
    }
    for (Asker<Q, A> asker : group) {
      if (!asker.done) {
        asker.error = error;
        asker.done = true;
      }
    }
  }

  private @Nullable Throwable tryAll(List<Asker<Q, A>> group) {
    try {
      List<A> answers = work.call(group.stream().map(asker -> asker.request).toList());
      for (int i = 0; i < group.size(); i++) {
        group.get(i).answer = answers.get(i);
        group.get(i).done = true;
      }
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }
}
