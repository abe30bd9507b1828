package dev.rowmill.skipped;

import dev.rowmill.batch.SkippedOf;
import dev.rowmill.batch.store.SkippedRowList;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.RowList.Entry;
import jakarta.inject.Singleton;
import jakarta.validation.constraints.NotNull;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Runs the statement of a batch again, for the rows that the batch has passed over. Each of them is
 * taken once: the chunk that has processed it removes it from those that are left. Thread-safe.
 */
@Singleton
public class SkippedTask implements ChunkedTask<SkippedTask.Parameters> {

  private final SqlTask sql;

  SkippedTask(SqlTask sql) {
    this.sql = sql;
  }

  /** Holds the rows, and the statement that has passed over them. */
  public record Parameters(@NotNull SkippedOf rows, @NotNull SqlParameters statement) {}

  @Override
  public String name() {
    return "skipped";
  }

  @Override
  public String description() {
    return "Runs the statement of an ended batch for the rows that it skipped.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public void check(Parameters parameters, String project, Connection connection)
      throws SQLException {
    sql.check(parameters.statement(), project, connection);
    Optional<RowKey> first =
        SkippedRowList.of(parameters.rows()).read(connection, 0, Long.MAX_VALUE, 1).stream()
            .map(Entry::row)
            .findFirst();
    if (first.isPresent()) {
      sql.checkListed(parameters.statement(), project, connection, first.get());
    }
  }

  @Override
  public void checkUndoable(Parameters parameters, String project, Connection connection)
      throws SQLException {
    sql.checkUndoable(parameters.statement(), project, connection);
  }

  @Override
  public void checkSkippable(Parameters parameters, String project, Connection connection)
      throws SQLException {
    sql.checkSkippable(parameters.statement(), project, connection);
  }

  @Override
  public Optional<Definition> definition(
      Parameters parameters, String project, Connection connection) throws SQLException {
    return sql.definition(parameters.statement(), project, connection);
  }

  @Override
  public Optional<Definition> checkedDefinition(Parameters parameters, String project) {
    return sql.checkedDefinition(parameters.statement(), project);
  }

  /** Returns the exact number of rows that are left; some of them may not exist any more. */
  @Override
  public Optional<Plan.Count> planned(
      Parameters parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return Optional.of(
        new Plan.Count(SkippedRowList.of(parameters.rows()).left(connection).rows(), true));
  }

  @Override
  public ChunkedRun open(Parameters parameters, String project, Connection connection)
      throws SQLException {
    return sql.openListed(
        parameters.statement(),
        project,
        connection,
        SkippedRowList.forRetry(connection, project, parameters.rows()));
  }
}
