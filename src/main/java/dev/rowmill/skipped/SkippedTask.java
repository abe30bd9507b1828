package dev.rowmill.skipped;

import dev.rowmill.batch.SkippedOf;
import dev.rowmill.batch.store.SkippedRowList;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.StatementTask;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.task.ChunkedRun;
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
public class SkippedTask extends StatementTask<SkippedTask.Parameters> {

  SkippedTask(SqlTask sql) {
    super(
        sql,
        "skipped",
        "Runs the statement of an ended batch for the rows that it skipped.",
        Parameters.class);
  }

  /** Holds the rows, and the statement that has passed over them. */
  public record Parameters(@NotNull SkippedOf rows, @NotNull SqlParameters statement) {}

  @Override
  protected SqlParameters statement(Parameters parameters) {
    return parameters.statement();
  }

  @Override
  public void check(Parameters parameters, String project, Connection connection)
      throws SQLException {
    super.check(parameters, project, connection);
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
