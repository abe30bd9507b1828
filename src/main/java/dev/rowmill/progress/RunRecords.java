package dev.rowmill.progress;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.engine.ChunkDone;
import dev.rowmill.engine.EngineListener;
import dev.rowmill.engine.RunOutcome;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds the records of running batches, and of ended runs until {@link Timelines} has stored them.
 * Safe for many threads.
 */
@ApplicationScoped
public class RunRecords implements EngineListener {

  private static final int MAX_ENDED = 200;

  private final Clock clock;
  private final Map<Long, RunRecord> running = new ConcurrentHashMap<>();

  /** Holds the records of ended runs that are not stored yet; drops the oldest when full. */
  private final Map<Long, RunRecord> over =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, RunRecord> eldest) {
          return size() > MAX_ENDED;
        }
      };

  private final Instance<OtherNodes> others;

  RunRecords(Clock clock, Instance<OtherNodes> others) {
    this.clock = clock;
    this.others = others;
  }

  @Override
  public void begins(BatchView batch) {
    RunRecord record = takeBack(batch.id());
    if (record == null) {
      record = new RunRecord(batch, clock);
    } else {
      record.begins(batch);
    }
    running.put(batch.id(), record);
  }

  private @Nullable RunRecord takeBack(long batch) {
    synchronized (over) {
      return over.remove(batch);
    }
  }

  @Override
  public void ends(BatchView batch, @Nullable RunOutcome outcome) {
    RunRecord record = running.remove(batch.id());
    if (record != null) {
      record.ends();
      if (record.isWorthKeeping()) {
        synchronized (over) {
          over.put(batch.id(), record);
        }
      }
    }
  }

  @Override
  public void chunkDone(BatchView batch, Progress progress, ChunkDone chunk) {
    RunRecord record = running.get(batch.id());
    if (record != null) {
      record.chunkDone(progress, chunk.took());
    }
  }

  @Override
  public void movedElsewhere(BatchView batch, Progress progress) {
    RunRecord record = running.get(batch.id());
    if (record != null) {
      record.chunkDone(progress, Duration.ZERO);
    }
  }

  @Override
  public void heldBack(BatchView batch, String reason, Duration held) {
    RunRecord record = running.get(batch.id());
    if (record != null) {
      record.heldBack(reason, held);
    }
  }

  @Override
  public void lanesChanged(BatchView batch, int lanes, String reason) {
    RunRecord record = running.get(batch.id());
    if (record != null) {
      record.lanesChanged(lanes, reason);
    }
  }

  @Override
  public void retried(BatchView batch, int lane, DatabaseFailure failure, Duration took) {
    RunRecord record = running.get(batch.id());
    if (record != null) {
      record.retried();
    }
  }

  public Collection<RunRecord> running() {
    return running.values();
  }

  public boolean runsLocally(long batch) {
    return running.containsKey(batch);
  }

  /** Returns the speed of a batch; empty when it does not run in this process. */
  public Optional<Speed> localSpeed(long batch) {
    return Optional.ofNullable(running.get(batch)).map(RunRecord::speed);
  }

  /** Returns the speed of a batch; empty when it runs nowhere. */
  public Optional<Speed> speed(long batch) {
    Optional<Speed> local = localSpeed(batch);
    return local.isPresent()
        ? local
        : others.stream().findFirst().flatMap(nodes -> nodes.speed(batch));
  }

  /** Returns the record of a batch here, running or not stored yet. */
  Optional<RunRecord> find(long batch) {
    RunRecord record = running.get(batch);
    if (record == null) {
      synchronized (over) {
        record = over.get(batch);
      }
    }
    return Optional.ofNullable(record);
  }

  /** Returns the records of ended runs that are not stored yet. */
  List<RunRecord> over() {
    synchronized (over) {
      return List.copyOf(over.values());
    }
  }

  /**
   * Removes the record of an ended run after it was stored.
   *
   * @param written state that was stored; the batch may have run again since
   */
  void forget(RunRecord record, RunRecord.State written) {
    synchronized (over) {
      if (record.state() == written) {
        over.remove(record.batch(), record);
      }
    }
  }
}
