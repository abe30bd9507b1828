package dev.rowmill.bench;

import io.agroal.api.AgroalDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.sql.common.SqlStorageProviderFactory;

/**
 * Runs each job as a job request of JobRunr in this JVM: with SQL storage, 20 workers, and
 * otherwise the defaults. By default, an idle server polls for work every 15 seconds.
 */
final class JobRunrJobs implements SmallJobs {

  private static final int WORKERS = 20;

  /** Represents the stored form of a job. */
  record Change(int job) implements JobRequest {
    @Override
    public Class<Handler> getJobRequestHandler() {
      return Handler.class;
    }
  }

  /** Runs the jobs. Public, because JobRunr calls it. */
  public static final class Handler implements JobRequestHandler<Change> {
    private final AgroalDataSource pool;
    private final JobTable table;
    private final AtomicLong began = new AtomicLong();

    Handler(AgroalDataSource pool, JobTable table) {
      this.pool = pool;
      this.table = table;
    }

    @Override
    public void run(Change change) throws SQLException {
      began.compareAndSet(0, System.nanoTime());
      try (Connection connection = pool.getConnection()) {
        table.change(connection, change.job());
      }
    }
  }

  private final AgroalDataSource pool;
  private final Handler handler;
  private final JobRequestScheduler scheduler;

  JobRunrJobs(Database database, JobTable table) throws SQLException {
    pool = PeerPool.open(database);
    handler = new Handler(pool, table);
    scheduler =
        JobRunr.configure()
            .useJobActivator(activator(handler))
            .useStorageProvider(SqlStorageProviderFactory.using(pool))
            .useBackgroundJobServer(
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                    .andWorkerCount(WORKERS))
            .initialize()
            .getJobRequestScheduler();
  }

  private static JobActivator activator(Handler handler) {
    return new JobActivator() {
      @Override
      public <T> T activateJob(Class<T> type) {
        return type.cast(handler);
      }
    };
  }

  @Override
  public void start(int job) {
    scheduler.enqueue(new Change(job));
  }

  /**
   * @throws IllegalStateException when a job has failed, which would be tried again much later
   */
  @Override
  public boolean isIdle() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      if (count(connection, "'ENQUEUED', 'PROCESSING'") > 0) {
        return false;
      }
      if (count(connection, "'SCHEDULED', 'FAILED'") > 0) {
        throw new IllegalStateException("a job has failed: " + anyFailed(connection));
      }
      return true;
    }
  }

  private static long count(Connection connection, String states) throws SQLException {
    return Sql.number(
        connection, "SELECT COUNT(*) FROM jobrunr_jobs WHERE state IN (" + states + ")");
  }

  private static String anyFailed(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT jobAsJson FROM jobrunr_jobs WHERE state IN ('SCHEDULED', 'FAILED')")) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /** Forgets when work began. */
  void forgetBeginning() {
    handler.began.set(0);
  }

  /** Returns when the first job since then began, as a value of {@link System#nanoTime()}. */
  long began() {
    return handler.began.get();
  }

  @Override
  public void close() {
    JobRunr.destroy();
    pool.close();
  }
}
