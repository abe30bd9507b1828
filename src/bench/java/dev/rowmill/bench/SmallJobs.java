package dev.rowmill.bench;

/** Something that does the jobs of a {@link JobTable} in the background. */
interface SmallJobs extends AutoCloseable {

  /** Returns when the job is stored and will be done. Safe for many threads. */
  void start(int job) throws Exception;

  /** Whether all that was started is done, also as to its own keeping of books. */
  boolean isIdle() throws Exception;

  @Override
  void close() throws Exception;
}
