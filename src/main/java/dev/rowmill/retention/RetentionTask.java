package dev.rowmill.retention;

import dev.rowmill.sql.SqlTask;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
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
public class RetentionTask implements ChunkedTask<RetentionParameters> {

  public static final String NAME = "retention";

  private final SqlTask sql;
  private final PartitionDrop partitions;

  RetentionTask(SqlTask sql, PartitionDrop partitions) {
    this.sql = sql;
    this.partitions = partitions;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Drops the partitions of older rows, and deletes the remaining older rows.";
  }

  @Override
  public Class<RetentionParameters> parametersType() {
    return RetentionParameters.class;
  }

  @Override
  public void check(RetentionParameters parameters, String project, Connection connection)
      throws SQLException {
    sql.check(parameters.statement(), project, connection);
  }

  @Override
  public void checkSkippable(RetentionParameters parameters, String project, Connection connection)
      throws SQLException {
    sql.checkSkippable(parameters.statement(), project, connection);
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
  public Optional<Definition> definition(
      RetentionParameters parameters, String project, Connection connection) throws SQLException {
    return sql.definition(parameters.statement(), project, connection);
  }

  @Override
  public Optional<Definition> checkedDefinition(RetentionParameters parameters, String project) {
    return sql.checkedDefinition(parameters.statement(), project);
  }

  @Override
  public void prepare(RetentionParameters parameters, RunState run) throws SQLException {
    partitions.run(parameters, run);
  }

  @Override
  public ChunkedRun open(RetentionParameters parameters, String project, Connection connection)
      throws SQLException {
    return sql.open(parameters.statement(), project, connection);
  }
}
