package dev.rowmill.httptask;

import dev.rowmill.engine.RetryConfig;
import dev.rowmill.sql.run.RowExchange;
import dev.rowmill.task.Preparation.Hold;
import dev.rowmill.task.StatementTag;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the calls of all HTTP tasks on this node, and measures them. The lanes of a batch share the
 * calls that the task allows at a time. Thread-safe.
 */
@Startup
@ApplicationScoped
class TaskCalls {

  /**
   * Sets how many chunks are read ahead for each call in flight, so that a slow one stalls none.
   */
  private static final int CHUNKS_PER_CALL = 4;

  private static final List<Class<? extends CallOutcome>> OUTCOMES =
      List.of(
          CallOutcome.Answered.class,
          CallOutcome.Rejected.class,
          CallOutcome.Invalid.class,
          CallOutcome.Busy.class,
          CallOutcome.Failed.class);

  /** Counts the lanes that use a queue. */
  private static final class Shared {
    final CallQueue queue;
    int lanes;

    Shared(CallQueue queue) {
      this.queue = queue;
    }
  }

  private final HttpCaller push;
  private final LeaseDesk pull;
  private final RowMemory rows;
  private final AnswerMemory answers;
  private final CallQueue.Retry retry;
  private final Map<String, Timer> times = new HashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Map<Long, Shared> queues = new HashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "rowmill-call-timer");
            thread.setDaemon(true);
            return thread;
          });

  TaskCalls(
      HttpCaller push,
      LeaseDesk pull,
      RowMemory rows,
      AnswerMemory answers,
      HttpTaskConfig config,
      RetryConfig retries,
      MeterRegistry registry) {
    this.push = push;
    this.pull = pull;
    this.rows = rows;
    this.answers = answers;
    retry = new CallQueue.Retry(retries.initialDelay(), retries.maxDelay(), config.giveUpAfter());
    for (Class<? extends CallOutcome> outcome : OUTCOMES) {
      String label = label(outcome);
      times.put(
          label,
          Timer.builder("rowmill.task.call.time")
              .description("Time of a call of an HTTP task, by how it ended")
              .tag("outcome", label)
              .register(registry));
    }
    Gauge.builder("rowmill.task.calls", inFlight, AtomicInteger::get)
        .description("Calls of HTTP tasks in flight")
        .register(registry);
  }

  private static String label(Class<? extends CallOutcome> outcome) {
    return outcome.getSimpleName().toLowerCase(Locale.ROOT);
  }

  @PreDestroy
  void close() {
    timer.shutdownNow();
  }

  /**
   * Opens the window of a lane. Closing it abandons its calls.
   *
   * @param parameters JSON object
   */
  CallWindow open(
      HttpTask task,
      String project,
      StatementTag lane,
      RowExchange exchange,
      String parameters,
      int batchRows) {
    long batch = lane.batch();
    CallQueue queue;
    synchronized (queues) {
      Shared shared =
          queues.computeIfAbsent(
              batch, any -> new Shared(new CallQueue(task.concurrency(), retry, timer)));
      shared.lanes++;
      queue = shared.queue;
    }
    CallChannel channel = task.url() == null ? pull : push;
    return new CallWindow(
        exchange,
        queue,
        new ChunkCall.Origin(
            task, new Measured(channel), rows, answers, project, batch, lane.lane(), parameters),
        batchRows,
        task.concurrency() * CHUNKS_PER_CALL,
        () -> release(batch));
  }

  private void release(long batch) {
    synchronized (queues) {
      Shared shared = Objects.requireNonNull(queues.get(batch));
      if (--shared.lanes == 0) {
        queues.remove(batch);
        shared.queue.close();
      }
    }
  }

  /** Measures the calls of a channel. */
  private final class Measured implements CallChannel {
    private final CallChannel channel;

    Measured(CallChannel channel) {
      this.channel = channel;
    }

    @Override
    public CompletableFuture<CallOutcome> send(Request request) {
      long began = System.nanoTime();
      inFlight.incrementAndGet();
      CompletableFuture<CallOutcome> call = channel.send(request);
      call.whenComplete(
          (outcome, error) -> {
            inFlight.decrementAndGet();
            Timer time = outcome == null ? null : times.get(label(outcome.getClass()));
            if (time != null) {
              time.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
            }
          });
      return call;
    }

    @Override
    public Optional<Hold> hold(long batch) {
      return channel.hold(batch);
    }
  }
}
