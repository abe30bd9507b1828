package dev.rowmill.retention;

import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.StatementTask;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.task.Plan;
import dev.rowmill.task.RunState;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Drops the partitions of older rows, and deletes the remaining older rows by a statement, chunk by
 * chunk. Only a retention can start it. Its batches can't be undone. Thread-safe.
 */
@Singleton
public class RetentionTask extends StatementTask<RetentionParameters> {

  public static final String NAME = "retention";

  private final PartitionDrop partitions;

  RetentionTask(SqlTask sql, PartitionDrop partitions) {
    super(
        sql,
        NAME,
        "Drops the partitions of older rows, and deletes the remaining older rows.",
        RetentionParameters.class);
    this.partitions = partitions;
  }

  @Override
  protected SqlParameters statement(RetentionParameters parameters) {
    return parameters.statement();
  }

  @Override
  public OptionalLong residual(
      RetentionParameters parameters, String project, Connection connection) throws SQLException {
    return sql.residual(parameters.statement(), project, connection);
  }

  /** Counts all older rows, with those of partitions that are dropped whatever the limit. */
  @Override
  public Optional<Plan.Count> planned(
      RetentionParameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return sql.planned(parameters.unlimited(), project, connection, most, millis);
  }

  @Override
  public void prepare(RetentionParameters parameters, RunState run) throws SQLException {
    partitions.run(parameters, run);
  }
}
