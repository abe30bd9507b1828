package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.StatusListener;
import dev.rowmill.batch.store.StatusScan;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
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

  /** Limits the age of a shared snapshot to that of published progress. */
  private static final long SNAPSHOT_NANOS = SHORTEST_NANOS;

  /** Sets the interval between checks for closed streams. */
  private static final long LEAVERS_MILLIS = 500;

  /** Sets the shortest interval between scans for changes by other nodes. */
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Sets the pause after a scan as a multiple of its duration, up to a bound. */
  private static final int POLL_SHARE = 4;

  private static final long MAX_POLL_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Sets the interval between reads of the progress of batches that other nodes run. */
  private static final long ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int SNAPSHOT_BATCHES = 500;
  private static final int SNAPSHOT_TRIES = 3;

  /** Limits how many changes are read and published together. */
  private static final int MAX_READ = 500;

  private final BatchHistory history;
  private final StatusScan statuses;
  private final RunRecords records;
  private final EventConfig config;
  private final Listeners listeners;
  private final ProgressPublisher progress;

  /** Distinguishes the events of this process from those of another one. */
  private final String process = HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  private final ScheduledExecutorService publisher =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("rowmill-events", true));

  /** Is true in a cluster, where other nodes have batches, too. */
  private final boolean shared;

  /** Guards the following fields, and the set of listeners while a change is numbered. */
  private final Object lock = new Object();

  private final StatusLog log = new StatusLog();
  private final Deque<StatusLog.Entry> unpublished = new ArrayDeque<>();

  /** Holds the statuses of all nodes; null without listeners, or outside a cluster. */
  private @Nullable StatusReconciler known;

  /** Counts the listeners that are about to be added. */
  private int opening;

  /** Is held while the first scan for changes by other nodes runs. */
  private final Object beginning = new Object();

  /** Holds a snapshot that listeners with the same filter may share. */
  private record Taken(Numbered snapshot, long nanos) {
    boolean isOld(long now) {
      return now - nanos > SNAPSHOT_NANOS;
    }
  }

  private final Map<EventFilter, Taken> snapshots = new ConcurrentHashMap<>();

  private long aliveNanos = System.nanoTime();
  private long elsewhereNanos = System.nanoTime();

  EventHub(
      BatchHistory history,
      StatusScan statuses,
      RunRecords records,
      Holds holds,
      EventConfig config,
      Listeners listeners,
      @ConfigProperty(name = "rowmill.cluster.enabled", defaultValue = "false")
          boolean isClustered) {
    this.history = history;
    this.statuses = statuses;
    this.records = records;
    shared = isClustered;
    this.config = config;
    this.listeners = listeners;
    progress = new ProgressPublisher(records, holds, listeners);
  }

  void start(@Observes StartupEvent event) {
    publishProgressAfter(SHORTEST_NANOS);
    if (shared) {
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
      BooleanSupplier disconnected) {
    synchronized (lock) {
      opening++;
    }
    try {
      if (shared) {
        startPolling();
      }
      List<Numbered> first = new ArrayList<>();
      long from = number(lastEventId);
      boolean back = from >= 0;
      if (!back) {
        Numbered snapshot = snapshot(audience);
        first.add(snapshot);
        from = snapshot.number();
      }
      EventStream stream;
      List<StatusLog.Entry> missed;
      synchronized (lock) {
        missed =
            log.after(from).orElse(List.of()).stream()
                .filter(entry -> audience.hears(entry.change().batch(), entry.change().project()))
                .toList();
        stream = new EventStream(audience, log.number(), emitter, disconnected);
        listeners.add(stream);
      }
      emitter.onTermination(() -> listeners.remove(stream));
      first.addAll(events(missed));
      stream.begin(first);
      if (back) {
        progress.publishHolds(stream);
      }
    } catch (RuntimeException e) {
      LOG.warnf("A listener can't be served and is disconnected: %s", e.getMessage());
      emitter.complete();
    } finally {
      synchronized (lock) {
        opening--;
      }
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
      synchronized (lock) {
        return log.after(number).isPresent() ? number : -1;
      }
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /**
   * Returns a snapshot with its number. Later changes are not in it, or not reliably. Many
   * listeners that arrive at once, as after a restart, share one.
   */
  private Numbered snapshot(EventFilter audience) {
    for (int tries = 1; ; tries++) {
      long now = System.nanoTime();
      long before = newest();
      Taken taken = snapshots.get(audience);
      if (taken != null && taken.snapshot.number() == before && !taken.isOld(now)) {
        return taken.snapshot;
      }
      var snapshot = new Numbered(before, new RenderedEvent(take(audience)));
      if (before == newest()) {
        snapshots.put(audience, new Taken(snapshot, now));
        return snapshot;
      } else if (tries == SNAPSHOT_TRIES) {
        return snapshot;
      }
    }
  }

  private BatchEvent.Snapshot take(EventFilter audience) {
    Long batch = audience.batch();
    if (batch != null) {
      return new BatchEvent.Snapshot(history.find(batch).stream().toList(), false);
    }
    List<BatchView> live = history.live(audience.project(), audience.seen(), SNAPSHOT_BATCHES + 1);
    return new BatchEvent.Snapshot(
        live.subList(0, Math.min(live.size(), SNAPSHOT_BATCHES)), live.size() > SNAPSHOT_BATCHES);
  }

  private long newest() {
    synchronized (lock) {
      return log.number();
    }
  }

  @Override
  public void changed(List<StatusChange> changes) {
    boolean toPublish;
    synchronized (lock) {
      for (StatusChange change : changes) {
        add(change).filter(entry -> !listeners.isEmpty()).ifPresent(unpublished::addLast);
      }
      toPublish = !unpublished.isEmpty();
    }
    if (toPublish && !publisher.isShutdown()) {
      publisher.execute(this::publishStatuses);
    }
  }

  private Optional<StatusLog.Entry> add(StatusChange change) {
    if (known != null && !known.isNew(change)) {
      return Optional.empty();
    }
    Optional<StatusLog.Entry> entry = log.add(change);
    if (known != null && entry.isPresent()) {
      known.published(change, entry.get().number());
    }
    return entry;
  }

  private void publishStatuses() {
    List<StatusLog.Entry> next = new ArrayList<>();
    do {
      next.clear();
      synchronized (lock) {
        while (!unpublished.isEmpty() && next.size() < MAX_READ) {
          next.add(unpublished.removeFirst());
        }
      }
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

  /** Starts to number the changes of other nodes, which are not scanned without listeners. */
  private void startPolling() {
    synchronized (beginning) {
      long began;
      synchronized (lock) {
        if (known != null) {
          return;
        }
        began = log.number();
      }
      StatusScan.Look first = statuses.live();
      synchronized (lock) {
        var begun = new StatusReconciler(first);
        log.after(began)
            .ifPresent(
                own -> own.forEach(entry -> begun.published(entry.change(), entry.number())));
        log.skip();
        known = begun;
      }
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
      if (publishRemoteStatuses() && now - elsewhereNanos >= ELSEWHERE_NANOS) {
        elsewhereNanos = now;
        deliveries = progress.publishRemote(runningRemotely(), now);
      }
    } catch (RuntimeException e) {
      LOG.warnf("Events of other nodes can't be published: %s", e.getMessage());
    }
    long rest = Math.min((System.nanoTime() - now) * POLL_SHARE, MAX_POLL_NANOS);
    scanRemoteAfter(Math.max(within(spread(deliveries), POLL_NANOS), rest));
  }

  /** Publishes the changes of other nodes; returns false when there is no listener. */
  private boolean publishRemoteStatuses() {
    StatusReconciler seen;
    Set<Long> live;
    long began;
    synchronized (lock) {
      if (listeners.isEmpty() && opening == 0) {
        known = null;
      }
      seen = known;
      if (seen == null) {
        return false;
      }
      live = seen.live();
      began = log.number();
    }
    StatusScan.Look look = statuses.look(seen.after(), live);
    synchronized (lock) {
      seen.news(
          look,
          began,
          change -> {
            StatusLog.Entry entry = log.append(change);
            unpublished.addLast(entry);
            return entry.number();
          });
    }
    publishStatuses();
    return true;
  }

  /** Returns the batches that other nodes run and that a listener here receives. */
  private List<BatchView> runningRemotely() {
    List<StatusChange> running;
    synchronized (lock) {
      running = known == null ? List.of() : known.running();
    }
    List<Long> ids =
        running.stream()
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
    snapshots.values().removeIf(taken -> taken.isOld(now));
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
