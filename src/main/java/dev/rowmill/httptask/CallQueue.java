package dev.rowmill.httptask;

import dev.rowmill.task.Preparation.Hold;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of one batch on this node: as many at a time as the task allows, again after a
 * pause if they fail, and fewer while the service is busy or away. A failure halves the number, a
 * second one in a row leaves one call at a time; each success then allows one more. Thread-safe.
 */
final class CallQueue {

  /** Holds the reason of a batch whose service is slowed down by its own request. */
  static final String SLOWED = "task-slowed";

  /** Holds the reason of a batch whose service does not respond as it should. */
  static final String AWAY = "task-away";

  /** Represents one call, which may need several tries. */
  interface Call {

    /**
     * Begins a try.
     *
     * @param attempt number of the try, from 1
     */
    CompletableFuture<CallOutcome> send(int attempt);

    /** Receives the outcome that is left after all tries. */
    void done(CallOutcome outcome);

    /** Returns whether no try may begin now, because the lane is held back. */
    boolean isResting();

    /** Returns whether the service has responded, but there is no room to read the response. */
    boolean isHeldBack();
  }

  /**
   * Defines how failed calls are repeated.
   *
   * @param first pause after the first failure; it doubles with each further one
   * @param most longest pause
   * @param giveUp time after the first failure of a call at which no further try begins
   */
  record Retry(Duration first, Duration most, Duration giveUp) {
    long pauseNanos(int failures) {
      long full = Math.min(most.toNanos(), first.toNanos() << Math.min(failures - 1, 16));
      return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }
  }

  private static final class Entry {
    final Call call;
    boolean needed;
    int tries;
    long failedSince;
    long notBefore;

    Entry(Call call, long now) {
      this.call = call;
      notBefore = now;
    }
  }

  private final int concurrency;
  private final Retry retry;
  private final ScheduledExecutorService timer;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final Map<Call, CompletableFuture<CallOutcome>> inFlight = new HashMap<>();
  private int allowed;
  private int failures;
  private long pausedUntil = System.nanoTime();
  private @Nullable Hold hold;
  private boolean closed;

  CallQueue(int concurrency, Retry retry, ScheduledExecutorService timer) {
    this.concurrency = concurrency;
    this.retry = retry;
    this.timer = timer;
    allowed = concurrency;
  }

  /** Makes a call as soon as possible. */
  void submit(Call call) {
    synchronized (this) {
      waiting.addLast(new Entry(call, System.nanoTime()));
    }
    pump();
  }

  /**
   * Lets a call go before all others, because a lane waits for it. It does not wait for calls whose
   * responses are not read before this lane continues.
   */
  void need(Call call) {
    synchronized (this) {
      Entry entry = waiting.stream().filter(each -> each.call == call).findFirst().orElse(null);
      if (entry == null) {
        return;
      }
      entry.needed = true;
      waiting.remove(entry);
      waiting.addFirst(entry);
      long now = System.nanoTime();
      if (pausedUntil - now > 0 || entry.notBefore - now > 0) {
        // It goes later: by the timer, or at the next step of the lane.
        return;
      }
    }
    pump();
  }

  /** Begins the calls that no longer rest. */
  void wake() {
    pump();
  }

  /** Abandons a call; its outcome is not reported. */
  void drop(Call call) {
    CompletableFuture<CallOutcome> begun;
    synchronized (this) {
      waiting.removeIf(entry -> entry.call == call);
      begun = inFlight.remove(call);
    }
    if (begun != null) {
      begun.cancel(true);
      pump();
    }
  }

  /** Abandons all calls. */
  void close() {
    List<CompletableFuture<CallOutcome>> begun;
    synchronized (this) {
      closed = true;
      waiting.clear();
      begun = new ArrayList<>(inFlight.values());
      inFlight.clear();
    }
    begun.forEach(each -> each.cancel(true));
  }

  /** Returns why calls are held back; empty while the service responds. */
  synchronized Optional<Hold> hold() {
    return Optional.ofNullable(hold);
  }

  private void pump() {
    for (Entry next = next(); next != null; next = next()) {
      Entry entry = next;
      CompletableFuture<CallOutcome> call = entry.call.send(entry.tries);
      boolean kept;
      synchronized (this) {
        kept = !closed && inFlight.containsKey(entry.call);
        if (kept) {
          inFlight.put(entry.call, call);
        }
      }
      if (kept) {
        call.whenComplete(
            (outcome, error) ->
                ended(
                    entry,
                    call,
                    outcome == null ? new CallOutcome.Failed(String.valueOf(error)) : outcome));
      } else {
        call.cancel(true);
      }
    }
  }

  /** Returns the next call to be made now, which counts as in flight; null if there is none. */
  private synchronized @Nullable Entry next() {
    if (closed || waiting.isEmpty()) {
      return null;
    }
    boolean full = inFlight.size() >= allowed;
    if (full && (!waiting.getFirst().needed || working() >= allowed)) {
      return null;
    }
    long now = System.nanoTime();
    long wait = pausedUntil - now;
    if (wait <= 0) {
      wait = Long.MAX_VALUE;
      for (Iterator<Entry> all = waiting.iterator(); all.hasNext(); ) {
        Entry entry = all.next();
        if (full && !entry.needed) {
          return null;
        }
        if (entry.call.isResting()) {
          continue;
        }
        if (entry.notBefore - now <= 0) {
          all.remove();
          entry.tries++;
          // Replaced by the call itself as soon as it has begun.
          inFlight.put(entry.call, new CompletableFuture<>());
          return entry;
        }
        wait = Math.min(wait, entry.notBefore - now);
      }
      if (wait == Long.MAX_VALUE) {
        return null;
      }
    }
    timer.schedule(this::pump, wait + 1, TimeUnit.NANOSECONDS);
    return null;
  }

  /** Returns how many calls the service is working on. */
  private long working() {
    return inFlight.keySet().stream().filter(call -> !call.isHeldBack()).count();
  }

  private void ended(Entry entry, CompletableFuture<CallOutcome> begun, CallOutcome outcome) {
    CallOutcome last;
    synchronized (this) {
      if (!inFlight.remove(entry.call, begun)) {
        return;
      }
      last = settle(entry, outcome);
    }
    pump();
    if (last != null) {
      entry.call.done(last);
    }
  }

  /** Returns the outcome to report; null if the call is repeated. */
  private @Nullable CallOutcome settle(Entry entry, CallOutcome outcome) {
    long now = System.nanoTime();
    if (outcome instanceof CallOutcome.Busy busy) {
      if (pausedUntil - now <= 0) {
        allowed = Math.max(1, allowed / 2);
      }
      pausedUntil = Math.max(pausedUntil - now, busy.pause().toNanos()) + now;
      hold = new Hold(SLOWED, busy.message());
      waiting.addFirst(entry);
      return null;
    }
    if (outcome instanceof CallOutcome.Failed failed) {
      if (entry.failedSince == 0) {
        entry.failedSince = now;
      } else if (now - entry.failedSince > retry.giveUp().toNanos()) {
        return new CallOutcome.Invalid(
            failed.message() + "; " + entry.tries + " tries within " + retry.giveUp());
      }
      entry.notBefore = now + retry.pauseNanos(entry.tries);
      if (pausedUntil - now <= 0) {
        // Others that were in flight at the same time tell nothing new.
        failures++;
        allowed = failures == 1 ? Math.max(1, allowed / 2) : 1;
        pausedUntil = now + retry.pauseNanos(failures);
      }
      hold = new Hold(AWAY, failed.message() + "; tries so far: " + entry.tries);
      waiting.addFirst(entry);
      return null;
    }
    failures = 0;
    allowed = Math.min(concurrency, allowed + 1);
    if (pausedUntil - now <= 0) {
      hold = null;
    }
    return outcome;
  }
}
