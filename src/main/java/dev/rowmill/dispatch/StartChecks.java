package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.database.DataQueries;
import dev.rowmill.dispatch.task.BoundCheck;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Checks starts against the server of the data, and counts the remaining rows of batches. Safe for
 * many threads. Blocks while it queries the database.
 */
@ApplicationScoped
public class StartChecks {

  private final TaskRegistry tasks;
  private final DataQueries data;

  StartChecks(TaskRegistry tasks, DataQueries data) {
    this.tasks = tasks;
    this.data = data;
  }

  /**
   * Checks a start against the server of the data.
   *
   * @throws Refusal when it is rejected
   */
  void check(BoundTask<?> task, BatchSpec spec) {
    data.query(
        connection -> {
          check(task, spec, connection);
          return true;
        });
  }

  /**
   * Checks a start as {@link #check(BoundTask, BatchSpec)} does, on a given connection.
   *
   * @throws Refusal when it is rejected
   */
  void check(BoundTask<?> task, BatchSpec spec, Connection connection) throws SQLException {
    task.check(spec.project(), connection);
    if (spec.safeguards().keep() == UndoPolicy.YES) {
      task.checkUndoable(spec.project(), connection);
    }
    if (spec.safeguards().skipsRows()) {
      task.checkSkippable(spec.project(), connection);
    }
    Optional<BoundCheck> check = tasks.check(spec);
    if (check.isPresent()) {
      check.get().prepare(connection);
    }
  }

  /** Runs a query on the server of the data, and repeats it after a transient error. */
  <T> T query(DataQueries.Query<T> query) {
    return data.query(query);
  }

  /**
   * Counts the rows that a batch would still change. Empty where that number has no meaning, or
   * isn't known within about a second.
   */
  public OptionalLong residual(BatchView batch) {
    if (batch.status().isFinal() && !batch.submission().secrets().isEmpty()) {
      // The secret values of an ended batch are deleted.
      return OptionalLong.empty();
    }
    try {
      return data.query(
          connection -> tasks.bind(batch.spec()).residual(batch.project(), connection));
    } catch (Refusal e) {
      // For example, the table no longer exists.
      return OptionalLong.empty();
    }
  }
}
