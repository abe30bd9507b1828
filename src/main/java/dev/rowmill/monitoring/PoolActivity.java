package dev.rowmill.monitoring;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusListener;
import dev.rowmill.engine.ChunkDone;
import dev.rowmill.engine.EngineListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;

/**
 * Records when the pool last made progress: a chunk or a change of a status. A wait of a throttle
 * is intended, and counts as progress. Safe for many threads.
 */
@ApplicationScoped
class PoolActivity implements EngineListener, StatusListener {

  private volatile long last = System.nanoTime();

  /** Returns the time since the last progress. */
  Duration silence() {
    return Duration.ofNanos(System.nanoTime() - last);
  }

  @Override
  public void changed(List<StatusChange> changes) {
    last = System.nanoTime();
  }

  @Override
  public void chunkDone(BatchView batch, Progress progress, ChunkDone chunk) {
    last = System.nanoTime();
  }

  @Override
  public void heldBack(BatchView batch, String reason, Duration held) {
    last = System.nanoTime();
  }
}
