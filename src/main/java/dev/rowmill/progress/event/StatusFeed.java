package dev.rowmill.progress.event;

import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusScan;
import dev.rowmill.database.ClusterConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the status changes of this process and of other nodes, and queues them for publication in
 * this order. Scans for the changes of other nodes only in a cluster, and only while there are
 * listeners. Safe for many threads.
 */
@ApplicationScoped
class StatusFeed {

  private final StatusScan statuses;
  private final Listeners listeners;
  private final boolean shared;

  private final StatusLog log = new StatusLog();
  private final Deque<StatusLog.Entry> unpublished = new ArrayDeque<>();

  /** Holds the statuses of all nodes; null without listeners, or outside a cluster. */
  private @Nullable StatusReconciler known;

  /** Counts the listeners that are about to be added. */
  private int opening;

  /** Is held while the first scan for changes by other nodes runs. */
  private final Object beginning = new Object();

  StatusFeed(StatusScan statuses, Listeners listeners, ClusterConfig cluster) {
    this.statuses = statuses;
    this.listeners = listeners;
    this.shared = cluster.enabled();
  }

  /** Returns whether other nodes have batches, too. */
  boolean isShared() {
    return shared;
  }

  /** Returns the number of the newest change. */
  synchronized long number() {
    return log.number();
  }

  /** Returns whether all changes after a number are retained. */
  synchronized boolean canResume(long number) {
    return log.after(number).isPresent();
  }

  /**
   * Adds changes of this process.
   *
   * @return whether changes are to be published
   */
  synchronized boolean add(List<StatusChange> changes) {
    for (StatusChange change : changes) {
      add(change).filter(entry -> !listeners.isEmpty()).ifPresent(unpublished::addLast);
    }
    return !unpublished.isEmpty();
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

  /** Removes and returns the next changes to publish. */
  synchronized List<StatusLog.Entry> take(int most) {
    List<StatusLog.Entry> next = new ArrayList<>();
    while (!unpublished.isEmpty() && next.size() < most) {
      next.add(unpublished.removeFirst());
    }
    return next;
  }

  /** Registers that a listener is about to be added, until the result is closed. */
  Opening opening() {
    synchronized (this) {
      opening++;
    }
    return () -> {
      synchronized (this) {
        opening--;
      }
    };
  }

  /** Ends the opening of a listener. */
  interface Opening extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Represents a listener that receives all changes from now on.
   *
   * @param missed changes that it has to receive first
   */
  record Joined(EventStream stream, List<StatusLog.Entry> missed) {}

  /**
   * Adds a listener.
   *
   * @param from number of the newest change that the listener has received
   * @param open opens its stream at the number of the newest change
   */
  synchronized Joined join(EventFilter audience, long from, LongFunction<EventStream> open) {
    List<StatusLog.Entry> missed =
        log.after(from).orElse(List.of()).stream()
            .filter(entry -> audience.hears(entry.change().batch(), entry.change().project()))
            .toList();
    EventStream stream = open.apply(log.number());
    listeners.add(stream);
    return new Joined(stream, missed);
  }

  /** Starts to number the changes of other nodes, which are not scanned without listeners. */
  void startScans() {
    if (!shared) {
      return;
    }
    synchronized (beginning) {
      long began;
      synchronized (this) {
        if (known != null) {
          return;
        }
        began = log.number();
      }
      StatusScan.Scan first = statuses.live();
      synchronized (this) {
        var begun = new StatusReconciler(first);
        log.after(began)
            .ifPresent(
                own -> own.forEach(entry -> begun.published(entry.change(), entry.number())));
        log.skip();
        known = begun;
      }
    }
  }

  /** Adds the changes of other nodes; returns false when there is no listener. */
  boolean scan() {
    StatusReconciler seen;
    Set<Long> live;
    long began;
    synchronized (this) {
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
    StatusScan.Scan scan = statuses.scan(seen.after(), live);
    synchronized (this) {
      seen.changes(
          scan,
          began,
          change -> {
            StatusLog.Entry entry = log.append(change);
            unpublished.addLast(entry);
            return entry.number();
          });
    }
    return true;
  }

  /** Returns the running batches of all nodes; none without listeners, or outside a cluster. */
  synchronized List<StatusChange> running() {
    return known == null ? List.of() : known.running();
  }
}
