package dev.rowmill.progress;

import dev.rowmill.batch.BatchHistory;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.StatusListener;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.progress.EventStream.Numbered;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells listeners what happens to batches: each status that they come to, and some times a second
 * how far those are that run. One thread does it for all listeners; neither the engine nor another
 * listener ever waits for one. Safe for many threads.
 */
@ApplicationScoped
public class EventHub implements StatusListener {

  private static final Logger LOG = Logger.getLogger(EventHub.class);

  /** Between two looks at the progress of the same batch. */
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** What is told with so many listeners that the shortest time would take too much. */
  private static final int DELIVERIES_PER_SECOND = 2_000;

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** A batch that does not get on is told of all the same, as its speed falls. */
  private static final long UNMOVED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Keeps proxies from taking the connection for a dead one. */
  private static final long ALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static final int SNAPSHOT_BATCHES = 500;
  private static final int SNAPSHOT_TRIES = 3;

  /** Statuses that are looked up together. */
  private static final int LOOKED_UP = 500;

  private static final Delivery ALIVE = new Delivery(new BatchEvent.Alive());

  private final BatchHistory history;
  private final BatchControl control;
  private final RunRecords records;

  /** Tells the events of this process from those of another one. */
  private final String process = HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  private final List<EventStream> streams = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService teller =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "rowmill-events");
            thread.setDaemon(true);
            return thread;
          });

  /** Guards those two. */
  private final Object lock = new Object();

  private final StatusLog log = new StatusLog();
  private final Deque<StatusLog.Entry> untold = new ArrayDeque<>();

  /** What was told of a running batch last; of the teller's thread alone. */
  private static final class Told {
    long state = -1;
    long nanos;
    @Nullable String reason;
    @Nullable Instant since;
  }

  private final Map<Long, Told> told = new HashMap<>();
  private long aliveNanos = System.nanoTime();

  EventHub(BatchHistory history, BatchControl control, RunRecords records, MeterRegistry metrics) {
    this.history = history;
    this.control = control;
    this.records = records;
    Gauge.builder("rowmill.events.listeners", streams, Collection::size)
        .description("Listeners to events")
        .register(metrics);
  }

  void start(@Observes Startup event) {
    teller.schedule(this::tellProgress, SHORTEST_NANOS, TimeUnit.NANOSECONDS);
  }

  /** Ends all streams, which would keep the HTTP server from closing. */
  void stop(@Observes ShutdownEvent event) {
    teller.shutdownNow();
    streams.forEach(EventStream::end);
  }

  @PreDestroy
  void close() {
    teller.shutdownNow();
  }

  /**
   * Everything that happens from now on. A listener that comes back is told what it has missed, or
   * how everything stands, when that is not known any more.
   *
   * @param lastEventId of the last event that the listener has got; null for a new one
   * @param gone whether the listener has left, which is not always told
   */
  public Multi<Event> listen(
      Audience audience, @Nullable String lastEventId, BooleanSupplier gone) {
    return Multi.createFrom()
        .<Numbered>emitter(
            emitter ->
                // It asks the database, and the subscriber may be an event loop.
                Infrastructure.getDefaultWorkerPool()
                    .execute(() -> open(audience, lastEventId, emitter, gone)),
            BackPressureStrategy.ERROR)
        .map(next -> new Event(process + "-" + next.number(), next.delivery()));
  }

  /**
   * An event as a listener gets it.
   *
   * @param id by which it can go on later
   */
  public record Event(String id, Delivery delivery) {}

  private void open(
      Audience audience,
      @Nullable String lastEventId,
      MultiEmitter<? super Numbered> emitter,
      BooleanSupplier gone) {
    try {
      List<Numbered> first = new ArrayList<>();
      long known = number(lastEventId);
      boolean back = known >= 0;
      if (!back) {
        known = snapshot(audience, first);
      }
      EventStream stream;
      List<StatusLog.Entry> missed;
      synchronized (lock) {
        missed =
            log.after(known).orElse(List.of()).stream()
                .filter(entry -> hears(audience, entry.change()))
                .toList();
        stream = new EventStream(audience, log.number(), emitter, gone);
        streams.add(stream);
      }
      emitter.onTermination(() -> streams.remove(stream));
      first.addAll(numbered(missed));
      stream.begin(first);
      if (back) {
        tellHolds(stream);
      }
    } catch (RuntimeException e) {
      LOG.warnf("A listener can't be told anything, and is sent away: %s", e.getMessage());
      emitter.complete();
    }
  }

  /** The number of an event of this process that can be gone on from; else -1. */
  private long number(@Nullable String lastEventId) {
    String prefix = process + "-";
    if (lastEventId == null || !lastEventId.startsWith(prefix)) {
      return -1;
    }
    try {
      long number = Long.parseLong(lastEventId.substring(prefix.length()));
      synchronized (lock) {
        return log.after(number).isPresent() ? number : -1;
      }
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Gives the number that it is of: what comes later is not in it, or not surely. */
  private long snapshot(Audience audience, List<Numbered> to) {
    for (int tries = 1; ; tries++) {
      long before = newest();
      BatchEvent.Snapshot snapshot = snapshot(audience);
      if (before == newest() || tries == SNAPSHOT_TRIES) {
        to.add(new Numbered(before, new Delivery(snapshot)));
        return before;
      }
    }
  }

  private BatchEvent.Snapshot snapshot(Audience audience) {
    Long batch = audience.batch();
    if (batch != null) {
      return new BatchEvent.Snapshot(history.find(batch).stream().toList(), false);
    }
    List<BatchView> live = history.live(audience.project(), SNAPSHOT_BATCHES + 1);
    return new BatchEvent.Snapshot(
        live.subList(0, Math.min(live.size(), SNAPSHOT_BATCHES)), live.size() > SNAPSHOT_BATCHES);
  }

  private long newest() {
    synchronized (lock) {
      return log.number();
    }
  }

  private static boolean hears(Audience audience, StatusChange change) {
    return audience.hears(change.batch(), change.project());
  }

  @Override
  public void changed(List<StatusChange> changes) {
    boolean wake;
    synchronized (lock) {
      wake = untold.isEmpty();
      for (StatusChange change : changes) {
        log.add(change).filter(entry -> !streams.isEmpty()).ifPresent(untold::addLast);
      }
      wake &= !untold.isEmpty();
    }
    if (wake && !teller.isShutdown()) {
      teller.execute(this::tellStatuses);
    }
  }

  private void tellStatuses() {
    List<StatusLog.Entry> next = new ArrayList<>();
    do {
      next.clear();
      synchronized (lock) {
        while (!untold.isEmpty() && next.size() < LOOKED_UP) {
          next.add(untold.removeFirst());
        }
      }
      List<StatusLog.Entry> heard =
          next.stream()
              .filter(
                  entry ->
                      streams.stream()
                          .anyMatch(
                              stream ->
                                  stream.hears(entry.change().batch(), entry.change().project())))
              .toList();
      List<Numbered> events = numbered(heard);
      for (int i = 0; i < heard.size(); i++) {
        StatusChange change = heard.get(i).change();
        for (EventStream stream : streams) {
          if (stream.hears(change.batch(), change.project())) {
            stream.offerStatus(events.get(i), change.batch());
          }
        }
      }
    } while (!next.isEmpty());
  }

  /** With each batch as it is, where that still is the status that it came to. */
  private List<Numbered> numbered(List<StatusLog.Entry> entries) {
    Map<Long, BatchView> views = views(entries);
    Map<Long, Long> last = new HashMap<>();
    entries.forEach(entry -> last.put(entry.change().batch(), entry.number()));
    return entries.stream()
        .map(
            entry -> {
              StatusChange change = entry.change();
              BatchView view = views.get(change.batch());
              boolean current =
                  view != null
                      && view.status() == change.status()
                      && Objects.equals(last.get(change.batch()), entry.number());
              return new Numbered(
                  entry.number(),
                  new Delivery(
                      new BatchEvent.Became(
                          change.batch(),
                          change.project(),
                          change.status(),
                          current ? view : null)));
            })
        .toList();
  }

  private Map<Long, BatchView> views(List<StatusLog.Entry> entries) {
    Set<Long> ids = new HashSet<>();
    entries.forEach(entry -> ids.add(entry.change().batch()));
    try {
      return history.find(ids);
    } catch (RuntimeException e) {
      // The status alone says what matters most.
      LOG.warnf("Batches whose status changed can't be read: %s", e.getMessage());
      return Map.of();
    }
  }

  /** Tells how far all are that run, and calls itself again. */
  private void tellProgress() {
    long started = System.nanoTime();
    int deliveries = 0;
    try {
      if (!streams.isEmpty()) {
        deliveries = tellWhatRuns(started);
        if (started - aliveNanos >= ALIVE_NANOS) {
          aliveNanos = started;
          tellSignsOfLife();
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("Listeners are not told how far batches are", e);
    }
    long pause = deliveries * TimeUnit.SECONDS.toNanos(1) / DELIVERIES_PER_SECOND;
    if (!teller.isShutdown()) {
      teller.schedule(
          this::tellProgress,
          Math.min(Math.max(pause, SHORTEST_NANOS), LONGEST_NANOS),
          TimeUnit.NANOSECONDS);
    }
  }

  private int tellWhatRuns(long now) {
    int deliveries = 0;
    Set<Long> running = new HashSet<>();
    for (RunRecord record : records.running()) {
      RunRecord.State state = record.state();
      BatchView batch = state.batch();
      running.add(batch.id());
      Told before = told.computeIfAbsent(batch.id(), id -> new Told());
      Optional<Hold> hold = control.hold(batch);
      String reason = hold.map(Hold::reason).orElse(null);
      Instant since = hold.map(Hold::since).orElse(null);
      if (!Objects.equals(reason, before.reason) || !Objects.equals(since, before.since)) {
        before.reason = reason;
        before.since = since;
        Delivery held = held(batch, hold);
        deliveries += offer(batch, stream -> stream.offerHold(batch.id(), held));
      }
      if (state.number() != before.state || now - before.nanos >= UNMOVED_NANOS) {
        before.state = state.number();
        before.nanos = now;
        var moved = new Delivery(new BatchEvent.Moved(batch.withProgress(state.progress())));
        deliveries += offer(batch, stream -> stream.offerProgress(batch.id(), moved));
      }
    }
    told.keySet().retainAll(running);
    return deliveries;
  }

  /** What holds batches back, to one who may have missed that it is so, or is no more. */
  private void tellHolds(EventStream stream) {
    for (RunRecord record : records.running()) {
      BatchView batch = record.state().batch();
      if (stream.hears(batch.id(), batch.project())) {
        stream.offerHold(batch.id(), held(batch, control.hold(batch)));
      }
    }
  }

  private static Delivery held(BatchView batch, Optional<Hold> hold) {
    return new Delivery(new BatchEvent.Held(batch.id(), batch.project(), hold.orElse(null)));
  }

  private interface Offer {
    void to(EventStream stream);
  }

  private int offer(BatchView batch, Offer offer) {
    int deliveries = 0;
    for (EventStream stream : streams) {
      if (stream.hears(batch.id(), batch.project())) {
        offer.to(stream);
        deliveries++;
      }
    }
    return deliveries;
  }

  private void tellSignsOfLife() {
    for (EventStream stream : streams) {
      if (stream.isGone()) {
        stream.end();
        streams.remove(stream);
      } else {
        stream.offerSignOfLife(ALIVE);
      }
    }
  }
}
