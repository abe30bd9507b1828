package dev.rowmill.httptask;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallQueueTest {

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<String> begun = new ArrayList<>();
  private final CallQueue queue =
      new CallQueue(
          1,
          new CallQueue.Retry(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMinutes(1)),
          timer);

  private final class NamedCall implements CallQueue.Call {
    private final String name;
    private boolean heldBack;
    private boolean resting;

    NamedCall(String name) {
      this.name = name;
    }

    @Override
    public CompletableFuture<CallOutcome> send(int attempt) {
      begun.add(name);
      return new CompletableFuture<>();
    }

    @Override
    public void done(CallOutcome outcome) {}

    @Override
    public boolean isResting() {
      return resting;
    }

    @Override
    public boolean isHeldBack() {
      return heldBack;
    }
  }

  @AfterEach
  void close() {
    queue.close();
    timer.shutdownNow();
  }

  private NamedCall submitted(String name) {
    var call = new NamedCall(name);
    queue.submit(call);
    return call;
  }

  @Test
  void a_needed_call_does_not_wait_for_responses_that_are_not_read() {
    NamedCall first = submitted("first");
    submitted("second");
    NamedCall needed = submitted("needed");
    queue.need(needed);
    assertEquals(List.of("first"), begun);
    first.heldBack = true;
    queue.need(needed);
    assertEquals(List.of("first", "needed"), begun);
  }

  @Test
  void a_call_that_rests_is_passed_over_until_it_wakes() {
    NamedCall running = submitted("running");
    NamedCall rests = submitted("rests");
    rests.resting = true;
    NamedCall next = submitted("next");
    queue.drop(running);
    assertEquals(List.of("running", "next"), begun);
    queue.drop(next);
    assertEquals(List.of("running", "next"), begun);
    rests.resting = false;
    queue.wake();
    assertEquals(List.of("running", "next", "rests"), begun);
  }

  @Test
  void a_needed_call_is_the_next_one() {
    NamedCall first = submitted("first");
    submitted("second");
    queue.need(submitted("needed"));
    queue.drop(first);
    assertEquals(List.of("first", "needed"), begun);
  }
}
