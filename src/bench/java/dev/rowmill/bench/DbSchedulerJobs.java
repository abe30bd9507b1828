package dev.rowmill.bench;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.agroal.api.AgroalDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Runs each job as a one-time task of db-scheduler in this JVM: with 20 threads, immediate
 * execution, times in UTC as its manual recommends for MySQL, and otherwise the defaults.
 */
final class DbSchedulerJobs implements SmallJobs {

  /** Creates the table that its manual defines for MySQL and MariaDB. */
  private static final String TABLE =
      """
      CREATE TABLE scheduled_tasks (
        task_name VARCHAR(100) NOT NULL, task_instance VARCHAR(100) NOT NULL,
        task_data BLOB, execution_time TIMESTAMP(6) NOT NULL,
        picked BOOLEAN NOT NULL, picked_by VARCHAR(50),
        last_success TIMESTAMP(6) NULL, last_failure TIMESTAMP(6) NULL,
        consecutive_failures INT, last_heartbeat TIMESTAMP(6) NULL,
        version BIGINT NOT NULL, priority SMALLINT,
        PRIMARY KEY (task_name, task_instance),
        KEY execution_time_idx (execution_time),
        KEY last_heartbeat_idx (last_heartbeat),
        KEY priority_execution_time_idx (priority DESC, execution_time ASC))
      """;

  private static final int THREADS = 20;

  private final AgroalDataSource pool;
  private final OneTimeTask<Void> task;
  private final Scheduler scheduler;

  DbSchedulerJobs(Database database, JobTable table) throws SQLException {
    pool = PeerPool.open(database);
    try (Connection connection = pool.getConnection()) {
      Sql.execute(connection, TABLE);
    }
    task =
        Tasks.oneTime("change")
            .execute((job, context) -> change(table, Integer.parseInt(job.getId())));
    scheduler =
        Scheduler.create(pool, task)
            .threads(THREADS)
            .enableImmediateExecution()
            .alwaysPersistTimestampInUTC()
            .build();
    scheduler.start();
  }

  private void change(JobTable table, int job) {
    try (Connection connection = pool.getConnection()) {
      table.change(connection, job);
    } catch (SQLException e) {
      throw new IllegalStateException("job " + job + " can't be done", e);
    }
  }

  @Override
  public void start(int job) {
    scheduler.schedule(task.instance(Integer.toString(job)), Instant.now());
  }

  /** Checks whether all tasks are done; their rows are then deleted. */
  @Override
  public boolean isIdle() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return Sql.number(connection, "SELECT COUNT(*) FROM scheduled_tasks") == 0;
    }
  }

  @Override
  public void close() {
    scheduler.stop();
    pool.close();
  }
}
