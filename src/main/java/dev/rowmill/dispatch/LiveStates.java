package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Mode;
import dev.rowmill.dispatch.pool.ActiveRuns;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.engine.ChunkConfig;
import dev.rowmill.progress.Holds;
import dev.rowmill.progress.RunRecords;
import dev.rowmill.progress.Speed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the live states of batches. Safe for many threads. Throws a runtime exception with the SQL
 * error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class LiveStates {

  private final ActiveRuns activeRuns;
  private final Holds holds;
  private final LaunchQueue queue;
  private final RunRecords records;
  private final UndoRules undoRules;
  private final ChunkConfig chunk;

  LiveStates(
      ActiveRuns activeRuns,
      Holds holds,
      Instance<LaunchQueue> queue,
      RunRecords records,
      UndoRules undoRules,
      ChunkConfig chunk) {
    this.activeRuns = activeRuns;
    this.holds = holds;
    this.queue = queue.get();
    this.records = records;
    this.undoRules = undoRules;
    this.chunk = chunk;
  }

  /** Returns the live state of a batch. */
  public LiveState of(BatchView batch) {
    return of(batch, serialPositions(List.of(batch)));
  }

  /** Returns the live states of batches, in their order. Reads the serial queue at most once. */
  public List<LiveState> of(List<BatchView> batches) {
    Map<Long, Long> serial = serialPositions(batches);
    return batches.stream().map(batch -> of(batch, serial)).toList();
  }

  private LiveState of(BatchView batch, Map<Long, Long> serial) {
    return new LiveState(
        hold(batch),
        position(batch, serial),
        nextChunkRows(batch),
        speed(batch),
        undoRules.refusal(batch).isEmpty(),
        undoRules.expires(batch).orElse(null));
  }

  /** Returns the settings that a batch uses now. */
  public BatchSettings settings(BatchView batch) {
    // A run that has stored its end is active for another moment.
    return batch.status().isFinal()
        ? batch.settings()
        : activeRuns.settings(batch.id()).orElse(batch.settings());
  }

  private Optional<Hold> hold(BatchView batch) {
    if (batch.status() == BatchStatus.PAUSED) {
      return Optional.ofNullable(batch.hold());
    } else if (batch.status().isFinal()) {
      return Optional.empty();
    }
    return holds.of(batch);
  }

  private Optional<Speed> speed(BatchView batch) {
    // The run that has stored this end may be active for another moment, here or on another node.
    return batch.status().isFinal() ? Optional.empty() : records.speed(batch.id());
  }

  private int nextChunkRows(BatchView batch) {
    Integer configured = batch.settings().chunkRows();
    Integer now = batch.progress().chunkRows();
    boolean fixed = batch.settings().targetMillis() == null && configured != null;
    return now != null && !fixed ? now : configured != null ? configured : chunk.rows();
  }

  private Map<Long, Long> serialPositions(List<BatchView> batches) {
    return batches.stream().anyMatch(LiveStates::isInSerialQueue)
        ? queue.serialPositions()
        : Map.of();
  }

  private static OptionalLong position(BatchView batch, Map<Long, Long> serial) {
    Long position = batch.waitingPosition();
    if (position == null && isInSerialQueue(batch)) {
      position = serial.get(batch.id());
    }
    return position == null ? OptionalLong.empty() : OptionalLong.of(position);
  }

  private static boolean isInSerialQueue(BatchView batch) {
    return batch.waitingPosition() == null
        && batch.mode() == Mode.SERIAL
        && batch.status() == BatchStatus.QUEUED;
  }
}
