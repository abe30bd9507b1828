package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.StatusListener;
import dev.rowmill.progress.Holds;
import dev.rowmill.progress.RunRecords;
import dev.rowmill.progress.event.EventStream.Numbered;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the events of batches to listeners: each change of a status, and several times a second
 * the progress of running batches. One thread publishes to all listeners, so nothing follows the
 * end of a batch. Neither the engine nor another listener ever waits for a listener. Safe for many
 * threads.
 */
@ApplicationScoped
public class EventHub implements StatusListener {

  private static final Logger LOG = Logger.getLogger(EventHub.class);

  /** Limits how often progress is published. */
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Limits the deliveries per second; with more listeners, progress is published less often. */
  private static final int DELIVERIES_PER_SECOND = 500;

  /** Sets the interval between checks for closed streams. */
  private static final long LEAVERS_MILLIS = 500;

  /** Sets the shortest interval between scans for changes by other nodes. */
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Sets the pause after a scan as a multiple of its duration, up to a bound. */
  private static final int POLL_SHARE = 4;

  private static final long MAX_POLL_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Sets the interval between reads of the progress of batches that other nodes run. */
  private static final long ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Limits how many changes are read and published together. */
  private static final int MAX_READ = 500;

  private final BatchHistory history;
  private final RunRecords records;
  private final EventConfig config;
  private final Listeners listeners;
  private final StatusFeed feed;
  private final Snapshots snapshots;
  private final ProgressPublisher progress;

  /** Distinguishes the events of this process from those of another one. */
  private final String process = HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  private final ScheduledExecutorService publisher =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-events", true));

  private long aliveNanos = System.nanoTime();
  private long elsewhereNanos = System.nanoTime();

  EventHub(
      BatchHistory history,
      RunRecords records,
      Holds holds,
      EventConfig config,
      Listeners listeners,
      StatusFeed feed,
      Snapshots snapshots) {
    this.history = history;
    this.records = records;
    this.config = config;
    this.listeners = listeners;
    this.feed = feed;
    this.snapshots = snapshots;
    progress = new ProgressPublisher(records, holds, listeners);
  }

  void start(@Observes StartupEvent event) {
    publishProgressAfter(SHORTEST_NANOS);
    if (feed.isShared()) {
      scanRemoteAfter(POLL_NANOS);
    }
    publisher.scheduleWithFixedDelay(
        listeners::letLeaversGo, LEAVERS_MILLIS, LEAVERS_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Ends all streams, which would otherwise prevent the HTTP server from closing. */
  void stop(@Observes ShutdownEvent event) {
    publisher.shutdownNow();
    listeners.end();
  }

  /**
   * Represents an event as a listener receives it.
   *
   * @param id event id, with which the listener can resume later
   */
  public record Event(String id, RenderedEvent delivery) {}

  /**
   * Streams a snapshot and all events that follow. A listener that reconnects receives the missed
   * status changes instead of the snapshot, as long as the log has them.
   *
   * @param lastEventId id of the last event that the listener has received; null for a new one
   * @param disconnected checks whether the listener has disconnected, which is not always reported,
   *     or has lost its permission
   */
  public Multi<Event> listen(
      EventFilter audience, @Nullable String lastEventId, BooleanSupplier disconnected) {
    return Multi.createFrom()
        .<Numbered>emitter(
            emitter ->
                // Opening queries the database, and the subscriber may be an event loop.
                Infrastructure.getDefaultWorkerPool()
                    .execute(() -> open(audience, lastEventId, emitter, disconnected)),
            BackPressureStrategy.ERROR)
        .map(next -> new Event(process + "-" + next.number(), next.delivery()));
  }

  private void open(
      EventFilter audience,
      @Nullable String lastEventId,
      MultiEmitter<? super Numbered> emitter,
      BooleanSupplier gone) {
    try (var opening = feed.opening()) {
      feed.startScans();
      List<Numbered> first = new ArrayList<>();
      long from = number(lastEventId);
      boolean back = from >= 0;
      if (!back) {
        Numbered snapshot = snapshots.get(audience);
        first.add(snapshot);
        from = snapshot.number();
      }
      StatusFeed.Joined joined =
          feed.join(audience, from, number -> new EventStream(audience, number, emitter, gone));
      EventStream stream = joined.stream();
      emitter.onTermination(() -> listeners.remove(stream));
      first.addAll(events(joined.missed()));
      stream.begin(first);
      if (back) {
        progress.publishHolds(stream);
      }
    } catch (RuntimeException e) {
      LOG.warnf("A listener can't be served and is disconnected: %s", e.getMessage());
      emitter.complete();
    }
  }

  /** Returns the number of an event of this process from which a stream can resume; else -1. */
  private long number(@Nullable String lastEventId) {
    String prefix = process + "-";
    if (lastEventId == null || !lastEventId.startsWith(prefix)) {
      return -1;
    }
    try {
      long number = Long.parseLong(lastEventId.substring(prefix.length()));
      return feed.canResume(number) ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public void changed(List<StatusChange> changes) {
    if (feed.add(changes) && !publisher.isShutdown()) {
      publisher.execute(this::publishStatuses);
    }
  }

  private void publishStatuses() {
    List<StatusLog.Entry> next;
    do {
      next = feed.take(MAX_READ);
      List<StatusLog.Entry> wanted =
          next.stream()
              .filter(
                  entry -> listeners.hasListener(entry.change().batch(), entry.change().project()))
              .toList();
      List<Numbered> events = events(wanted);
      for (int i = 0; i < wanted.size(); i++) {
        StatusChange change = wanted.get(i).change();
        Numbered event = events.get(i);
        listeners.offer(
            change.batch(), change.project(), stream -> stream.offerStatus(event, change.batch()));
      }
    } while (!next.isEmpty());
  }

  /** Renders changes, each with its batch as it is now, if the batch still has that status. */
  private List<Numbered> events(List<StatusLog.Entry> entries) {
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
                      && Long.valueOf(entry.number()).equals(last.get(change.batch()));
              return new Numbered(
                  entry.number(),
                  new RenderedEvent(
                      new BatchEvent.StatusChanged(
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
      // The status alone is the most important part.
      LOG.warnf("Batches whose status changed can't be read: %s", e.getMessage());
      return Map.of();
    }
  }

  private void scanRemoteAfter(long nanos) {
    if (!publisher.isShutdown()) {
      publisher.schedule((Runnable) this::scanRemote, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void scanRemote() {
    long now = System.nanoTime();
    long deliveries = 0;
    try {
      if (feed.scan()) {
        publishStatuses();
        if (now - elsewhereNanos >= ELSEWHERE_NANOS) {
          elsewhereNanos = now;
          deliveries = progress.publishRemote(runningRemotely(), now);
        }
      }
    } catch (RuntimeException e) {
      LOG.warnf("Events of other nodes can't be published: %s", e.getMessage());
    }
    long rest = Math.min((System.nanoTime() - now) * POLL_SHARE, MAX_POLL_NANOS);
    scanRemoteAfter(Math.max(within(spread(deliveries), POLL_NANOS), rest));
  }

  /** Returns the batches that other nodes run and that a listener here receives. */
  private List<BatchView> runningRemotely() {
    List<Long> ids =
        feed.running().stream()
            .filter(it -> !records.runsLocally(it.batch()))
            .filter(it -> listeners.hasListener(it.batch(), it.project()))
            .map(StatusChange::batch)
            .toList();
    return history.find(ids).values().stream()
        .filter(batch -> batch.status() == BatchStatus.RUNNING && !records.runsLocally(batch.id()))
        .toList();
  }

  private void publishProgressAfter(long nanos) {
    if (!publisher.isShutdown()) {
      publisher.schedule((Runnable) this::publishProgress, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void publishProgress() {
    long now = System.nanoTime();
    snapshots.purge();
    long deliveries = 0;
    try {
      if (!listeners.isEmpty()) {
        deliveries = progress.publish(now);
        if (now - aliveNanos >= config.keepAlive().toNanos()) {
          aliveNanos = now;
          listeners.keepAlive();
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("The progress of batches can't be published", e);
    }
    publishProgressAfter(within(spread(deliveries), SHORTEST_NANOS));
  }

  /** Returns the least time, in nanoseconds, that so many deliveries may take. */
  private static long spread(long deliveries) {
    return deliveries * TimeUnit.SECONDS.toNanos(1) / DELIVERIES_PER_SECOND;
  }

  private static long within(long nanos, long shortest) {
    return Math.min(Math.max(nanos, shortest), LONGEST_NANOS);
  }
}
