package dev.rowmill.undo;

import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import jakarta.inject.Singleton;
import jakarta.validation.constraints.NotNull;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Puts the rows of an ended batch back, its newest chunk first. Its chunks are parts of those of
 * the batch, and are committed, counted and kept like any others; so an undo can be undone.
 * Thread-safe.
 */
@Singleton
public class UndoTask implements ChunkedTask<UndoTask.Parameters> {

  /**
   * What to put back.
   *
   * @param batch whose rows
   * @param onConflict what to do with a row that someone has changed since
   */
  public record Parameters(long batch, @NotNull OnConflict onConflict) {}

  @Override
  public String name() {
    return "undo";
  }

  @Override
  public String description() {
    return "Puts the rows of an ended batch back.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public ChunkedRun open(Parameters parameters, String project, Connection connection)
      throws SQLException {
    return new UndoRun(parameters, undo(parameters, project, connection));
  }

  /** The batch that this run belongs to: a project has one that is active. */
  private static long undo(Parameters parameters, String project, Connection connection)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id FROM batch WHERE active_project = ? AND undoes = ?")) {
      select.setString(1, project);
      select.setLong(2, parameters.batch());
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("no undo of batch " + parameters.batch() + " is active");
        }
        return row.getLong(1);
      }
    }
  }
}
