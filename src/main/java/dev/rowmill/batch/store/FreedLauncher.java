package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;

/**
 * Launches batches that the end of another batch has queued, in other projects too. Every CDI bean
 * of this type is called, on the thread that committed the end.
 */
public interface FreedLauncher {

  /** Launches a queued batch. Does nothing for a batch that is launched already. */
  void launch(BatchView batch);

  /**
   * Launches the queued batch of a project soon, if there is one. Called after an error that leaves
   * the stored status unknown.
   */
  void revisit(String project);
}
