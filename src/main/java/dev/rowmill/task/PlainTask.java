package dev.rowmill.task;

/**
 * Does its work in one call. It reports its progress, saves its own checkpoints and regularly
 * checks whether to stop. Work between two checkpoints may be repeated after a crash, so it must be
 * repeatable.
 */
public non-sealed interface PlainTask<P extends Record> extends BatchTask<P> {

  /**
   * Does the work from the last checkpoint on. Returning means that all work is done, unless {@link
   * PlainContext#stopRequested()} has been true: then it resumes from its checkpoint later.
   *
   * @throws Exception any, which fails the batch
   */
  void run(PlainContext<P> context) throws Exception;
}
