package dev.rowmill.bench;

/** Runs the jobs of a {@link JobTable} in the background. */
interface SmallJobs extends AutoCloseable {

  /** Returns when the job is stored and will be done. Safe for many threads. */
  void start(int job) throws Exception;

  /** Checks whether all started jobs are done, and recorded as done. */
  boolean isIdle() throws Exception;

  @Override
  void close() throws Exception;
}
