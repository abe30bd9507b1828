package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.progress.event.EventStream.Numbered;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Takes the snapshots with which streams begin. Many listeners with the same filter that arrive at
 * once, as after a restart, share one. Safe for many threads.
 */
@ApplicationScoped
class Snapshots {

  /** Limits the age of a shared snapshot to that of published progress. */
  private static final long OLDEST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int MOST_BATCHES = 500;
  private static final int TRIES = 3;

  private record Taken(Numbered snapshot, long nanos) {
    boolean isOld(long now) {
      return now - nanos > OLDEST_NANOS;
    }
  }

  private final BatchHistory history;
  private final StatusFeed feed;
  private final Map<EventFilter, Taken> snapshots = new ConcurrentHashMap<>();

  Snapshots(BatchHistory history, StatusFeed feed) {
    this.history = history;
    this.feed = feed;
  }

  /** Returns a snapshot with its number. Later changes are not in it, or not reliably. */
  Numbered get(EventFilter audience) {
    for (int tries = 1; ; tries++) {
      long now = System.nanoTime();
      long before = feed.number();
      Taken taken = snapshots.get(audience);
      if (taken != null && taken.snapshot.number() == before && !taken.isOld(now)) {
        return taken.snapshot;
      }
      var snapshot = new Numbered(before, new RenderedEvent(take(audience)));
      if (before == feed.number()) {
        snapshots.put(audience, new Taken(snapshot, now));
        return snapshot;
      } else if (tries == TRIES) {
        return snapshot;
      }
    }
  }

  private BatchEvent.Snapshot take(EventFilter audience) {
    Long batch = audience.batch();
    if (batch != null) {
      return new BatchEvent.Snapshot(history.find(batch).stream().toList(), false);
    }
    List<BatchView> live = history.live(audience.project(), audience.seen(), MOST_BATCHES + 1);
    return new BatchEvent.Snapshot(
        live.subList(0, Math.min(live.size(), MOST_BATCHES)), live.size() > MOST_BATCHES);
  }

  /** Removes the snapshots that are too old to be shared. */
  void purge() {
    long now = System.nanoTime();
    snapshots.values().removeIf(taken -> taken.isOld(now));
  }
}
