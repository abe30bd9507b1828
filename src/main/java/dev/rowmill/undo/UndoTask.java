package dev.rowmill.undo;

import dev.rowmill.database.Rows;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import jakarta.inject.Singleton;
import jakarta.validation.constraints.NotNull;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Restores the rows of an ended batch, its newest chunk first. Each of its chunks is a part of a
 * chunk of that batch. They are committed, counted and stored like other chunks, so an undo can
 * itself be undone. Thread-safe.
 */
@Singleton
public class UndoTask implements ChunkedTask<UndoTask.Parameters> {

  /**
   * Holds the parameters of an undo.
   *
   * @param batch id of the batch to undo
   * @param onConflict action for a row that was changed after the batch
   */
  public record Parameters(long batch, @NotNull OnConflict onConflict) {}

  @Override
  public String name() {
    return "undo";
  }

  @Override
  public String description() {
    return "Restores the rows of an ended batch.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public ChunkedRun open(Parameters parameters, String project, Connection connection)
      throws SQLException {
    return new UndoRun(
        parameters.batch(), parameters.onConflict(), undo(parameters, project, connection));
  }

  /**
   * Returns the id of the undo batch that this run executes. It is unique, because a project has at
   * most one active batch.
   */
  private static long undo(Parameters parameters, String project, Connection connection)
      throws SQLException {
    return Rows.first(
            connection,
            "SELECT id FROM batch WHERE active_project = ? AND undoes = ?",
            row -> row.getLong(1),
            project,
            parameters.batch())
        .orElseThrow(
            () -> new SQLException("no undo of batch " + parameters.batch() + " is active"));
  }
}
