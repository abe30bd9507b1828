package dev.rowmill.task;

/**
 * Work that is one call. It reports its progress, saves its own checkpoints and asks from time to
 * time whether to stop. What it does between two checkpoints may be done again after a crash, so
 * that part must bear repeating.
 */
public non-sealed interface PlainTask<P extends Record> extends BatchTask<P> {

  /**
   * Does the work from the last checkpoint on. Returning means that it is all done, unless {@link
   * PlainContext#stopRequested()} has been true: then it goes on from its checkpoint later.
   *
   * @throws Exception any, which fails the batch
   */
  void run(PlainContext<P> context) throws Exception;
}
