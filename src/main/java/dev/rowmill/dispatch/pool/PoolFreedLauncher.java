package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.FreedLauncher;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;

/** Launches freed batches through the launch queue of this node. Safe for many threads. */
@ApplicationScoped
class PoolFreedLauncher implements FreedLauncher {

  private final Instance<LaunchQueue> queue;

  PoolFreedLauncher(Instance<LaunchQueue> queue) {
    this.queue = queue;
  }

  @Override
  public void launch(BatchView batch) {
    queue.get().launch(batch);
  }

  @Override
  public void revisit(String project) {
    queue.get().revisit(project);
  }
}
