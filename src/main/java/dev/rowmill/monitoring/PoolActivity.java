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
 * Knows when the pool got something done last: a chunk or a change of a status. A thread that is
 * held back by a throttle waits on purpose, and counts as well. Safe for many threads.
 */
@ApplicationScoped
class PoolActivity implements EngineListener, StatusListener {

  private volatile long last = System.nanoTime();

  /** For how long nothing was done. */
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
