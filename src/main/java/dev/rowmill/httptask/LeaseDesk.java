package dev.rowmill.httptask;

import dev.rowmill.database.PurgeThread;
import dev.rowmill.task.Preparation.Hold;
import dev.rowmill.task.Refusal;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Offers chunks to workers, who lease them at any node, and takes their answers. One thread stores
 * the offers of this node and looks for their answers; it ends while there are none. Thread-safe.
 */
@ApplicationScoped
public class LeaseDesk implements CallChannel {

  private static final Logger LOG = Logger.getLogger(LeaseDesk.class);

  /** Holds the reason of a batch whose chunks no worker has leased. */
  static final String NO_WORKER = "task-worker";

  private static final Duration POLL = Duration.ofMillis(100);

  /** Limits how long the offers of a dead node are left. */
  private static final Duration KEPT = Duration.ofSeconds(30);

  private static final Duration KEEP_EVERY = Duration.ofSeconds(5);

  private static final Duration PURGE_EVERY = Duration.ofMinutes(1);

  /** Sets how long a worker may repeat a completion whose answer was taken. */
  private static final Duration REPEATABLE = Duration.ofMinutes(10);

  private static final String ATTEMPT = "\"attempt\":";

  /**
   * Represents a leased chunk.
   *
   * @param request JSON object, as it is sent to a service
   */
  public record Lease(
      String lease, Instant expiresAt, String request, String project, long batch) {}

  /** Represents the batch whose chunk was completed. */
  public record Completion(String project, long batch) {}

  private static final class Offered {
    final Request request;
    final CompletableFuture<CallOutcome> outcome = new CompletableFuture<>();
    volatile boolean leased;

    Offered(Request request) {
      this.request = request;
    }

    void end(CallOutcome how) {
      outcome.complete(how);
      request.answer().close();
    }
  }

  private final OfferTable table;
  private final HttpTaskTable tasks;
  private final Clock clock;
  private final String node =
      HexFormat.of().toHexDigits(UUID.randomUUID().getLeastSignificantBits());
  private final PurgeThread purge = new PurgeThread("rowmill-offer-purge", "Expired offers");
  private final LinkedBlockingQueue<Offered> fresh = new LinkedBlockingQueue<>();
  private final Map<Long, Offered> offered = new ConcurrentHashMap<>();
  private @Nullable Thread thread;
  private volatile boolean closed;
  private Instant keepAt = Instant.EPOCH;

  LeaseDesk(OfferTable table, HttpTaskTable tasks, Clock clock) {
    this.table = table;
    this.tasks = tasks;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    purge.start(PURGE_EVERY, this::purge);
  }

  /** Deletes what no node keeps, and the leases whose completion can no longer be repeated. */
  public void purge() {
    table.purge(clock.instant());
  }

  @PreDestroy
  void close() {
    closed = true;
    purge.stop();
    synchronized (this) {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  @Override
  public CompletableFuture<CallOutcome> send(Request request) {
    var offer = new Offered(request);
    fresh.add(offer);
    synchronized (this) {
      if (thread == null && !closed) {
        thread = new Thread(this::work, "rowmill-call-offers");
        thread.setDaemon(true);
        thread.start();
      }
    }
    return offer.outcome;
  }

  @Override
  public Optional<Hold> hold(long batch) {
    List<Offered> own =
        offered.values().stream().filter(offer -> offer.request.batch() == batch).toList();
    return own.isEmpty() || own.stream().anyMatch(offer -> offer.leased)
        ? Optional.empty()
        : Optional.of(new Hold(NO_WORKER, own.size() + " chunks wait for a worker to lease them"));
  }

  private void work() {
    while (!closed) {
      try {
        Offered first = fresh.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null && offered.isEmpty() && isOver()) {
          return;
        }
        Instant now = clock.instant();
        for (Offered next = first; next != null; next = fresh.poll()) {
          add(next, now);
        }
        settle(now);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        // The database is away; the rows are read again as soon as it is available.
        LOG.debug("The offers of this node can't be read", e);
      } catch (Error e) {
        // Calls would wait for ever without this thread.
        LOG.error("The offers of this node can't be read", e);
      }
    }
  }

  private synchronized boolean isOver() {
    if (fresh.isEmpty()) {
      thread = null;
      return true;
    }
    return false;
  }

  private void add(Offered offer, Instant now) {
    if (offer.outcome.isDone()) {
      return;
    }
    try {
      offered.put(table.add(offer.request, node, now.plus(KEPT)), offer);
    } catch (RuntimeException e) {
      offer.end(new CallOutcome.Failed("the chunk can't be offered: " + e.getMessage()));
    }
  }

  private void settle(Instant now) {
    if (now.isAfter(keepAt)) {
      table.keep(node, now.plus(KEPT));
      keepAt = now.plus(KEEP_EVERY);
    }
    List<Long> dropped = new ArrayList<>();
    List<OfferTable.Offer> all = table.of(node, now);
    for (OfferTable.Offer offer : all) {
      Offered own = offered.get(offer.id());
      if (own == null || own.outcome.isDone()) {
        dropped.add(offer.id());
      } else if (offer.done() && own.request.answer().mayRead()) {
        table.take(offer.id(), now.plus(REPEATABLE)).ifPresent(answer -> take(offer.id(), answer));
      } else {
        own.leased = offer.leased();
      }
    }
    table.delete(dropped);
    dropped.forEach(offered::remove);
    // Another node has deleted what this one has not kept.
    offered.forEach(
        (id, own) -> {
          if (all.stream().noneMatch(offer -> offer.id() == id) && offered.remove(id, own)) {
            own.end(new CallOutcome.Failed("the offer was lost"));
          }
        });
  }

  private void take(long id, OfferTable.Answer answer) {
    Offered own = offered.remove(id);
    if (own != null) {
      own.end(new CallOutcome.Answered(answer.json()));
    }
  }

  /**
   * Leases the next chunk of a task to a worker.
   *
   * @param projects projects whose chunks the worker may see
   * @return empty while there is none
   * @throws Refusal {@code unknown-task} when there is no such task for workers
   */
  public Optional<Lease> lease(String name, Predicate<String> projects) {
    HttpTask task = task(name);
    Instant now = clock.instant();
    String lease = UUID.randomUUID().toString();
    return table
        .lease(name, projects, lease, now, task.timeout())
        .map(
            leased ->
                new Lease(
                    lease,
                    now.plus(task.timeout()),
                    attempt(leased.body(), leased.attempt()),
                    leased.subject().project(),
                    leased.subject().batch()));
  }

  /** Returns a request with another number of its attempt. */
  private static String attempt(byte[] body, int attempt) {
    String text = new String(body, StandardCharsets.UTF_8);
    int from = text.indexOf(ATTEMPT) + ATTEMPT.length();
    return text.substring(0, from) + attempt + text.substring(text.indexOf(',', from));
  }

  /**
   * Stores the answer of a worker. A repetition has no further effect.
   *
   * @param projects projects whose chunks the worker may see
   * @param answer JSON object; null to leave all rows as they are
   * @throws Refusal {@code lease-expired}
   */
  public Completion complete(
      String name, Predicate<String> projects, String lease, @Nullable String answer) {
    task(name);
    byte[] bytes = answer == null ? null : answer.getBytes(StandardCharsets.UTF_8);
    return table
        .complete(name, projects, lease, bytes, clock.instant())
        .map(subject -> new Completion(subject.project(), subject.batch()))
        .orElseThrow(() -> expired(name));
  }

  /**
   * Extends a lease by its whole time from now on.
   *
   * @param projects projects whose chunks the worker may see
   * @return when it expires
   * @throws Refusal {@code lease-expired}
   */
  public Instant extend(String name, Predicate<String> projects, String lease) {
    Instant now = clock.instant();
    Instant until = now.plus(task(name).timeout());
    if (!table.extend(name, projects, lease, now, until)) {
      throw expired(name);
    }
    return until;
  }

  private static Refusal expired(String name) {
    return new Refusal("lease-expired", Map.of("task", name));
  }

  private HttpTask task(String name) {
    return tasks
        .find(name)
        .map(HttpTask.Stored::task)
        .filter(task -> task.url() == null)
        .orElseThrow(() -> new Refusal("unknown-task", Map.of("task", name)));
  }
}
