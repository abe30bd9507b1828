package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.progress.Holds;
import dev.rowmill.progress.RunRecord;
import dev.rowmill.progress.RunRecords;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Publishes the progress and the holds of running batches to listeners. For one thread. */
final class ProgressPublisher {

  /** Sets the interval of events for a batch without progress, whose speed falls. */
  private static final long UNMOVED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Sets for how long a batch must not be held before its hold ends. */
  private static final long FREE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RunRecords records;
  private final Holds holds;
  private final Listeners listeners;

  /** Holds the last published state of a running batch. */
  private static final class Published {
    long state = -1;
    long nanos;
    @Nullable String reason;
    long heldNanos;
  }

  private final Map<Long, Published> published = new HashMap<>();
  private final Map<Long, Published> publishedRemote = new HashMap<>();

  /** Holds the batches that other nodes run, as last published. */
  private volatile List<BatchView> elsewhere = List.of();

  ProgressPublisher(RunRecords records, Holds holds, Listeners listeners) {
    this.records = records;
    this.holds = holds;
    this.listeners = listeners;
  }

  /**
   * Publishes new progress and holds.
   *
   * @return number of deliveries: listeners times events
   */
  int publish(long now) {
    int deliveries = 0;
    Set<Long> running = new HashSet<>();
    for (RunRecord record : records.running()) {
      RunRecord.State state = record.state();
      running.add(state.batch().id());
      Published before = published.computeIfAbsent(state.batch().id(), id -> new Published());
      deliveries += publishHold(state.batch(), before, now);
      if (state.number() != before.state || now - before.nanos >= UNMOVED_NANOS) {
        before.state = state.number();
        before.nanos = now;
        deliveries += publishProgress(state.batch().withProgress(state.progress()));
      }
    }
    published.keySet().retainAll(running);
    return deliveries;
  }

  /**
   * Publishes the progress of batches that other nodes run.
   *
   * @return number of deliveries: listeners times events
   */
  int publishRemote(List<BatchView> running, long now) {
    int deliveries = 0;
    Set<Long> ids = new HashSet<>();
    for (BatchView batch : running) {
      ids.add(batch.id());
      deliveries +=
          publishHold(
              batch, publishedRemote.computeIfAbsent(batch.id(), id -> new Published()), now);
      deliveries += publishProgress(batch);
    }
    publishedRemote.keySet().retainAll(ids);
    elsewhere = running;
    return deliveries;
  }

  private int publishProgress(BatchView batch) {
    var moved = new RenderedEvent(new BatchEvent.Progressed(batch));
    return listeners.offer(
        batch.id(), batch.project(), stream -> stream.offerProgress(batch.id(), moved));
  }

  /**
   * Publishes a changed hold. A throttle that pauses a batch between its chunks counts as one hold,
   * also during the chunks.
   */
  private int publishHold(BatchView batch, Published before, long now) {
    Optional<Hold> hold = holds.of(batch);
    String reason = hold.map(Hold::reason).orElse(null);
    if (reason != null) {
      before.heldNanos = now;
    }
    boolean stillHeld = reason == null && now - before.heldNanos < FREE_NANOS;
    if (stillHeld || Objects.equals(reason, before.reason)) {
      return 0;
    }
    before.reason = reason;
    RenderedEvent held = held(batch, hold);
    return listeners.offer(
        batch.id(), batch.project(), stream -> stream.offerHold(batch.id(), held));
  }

  /** Sends the present holds to a listener that may have missed their changes. */
  void publishHolds(EventStream stream) {
    List<BatchView> running = new ArrayList<>(elsewhere);
    records.running().forEach(record -> running.add(record.state().batch()));
    for (BatchView batch : running) {
      if (stream.hears(batch.id(), batch.project())) {
        stream.offerHold(batch.id(), held(batch, holds.of(batch)));
      }
    }
  }

  private static RenderedEvent held(BatchView batch, Optional<Hold> hold) {
    return new RenderedEvent(
        new BatchEvent.HoldChanged(batch.id(), batch.project(), hold.orElse(null)));
  }
}
