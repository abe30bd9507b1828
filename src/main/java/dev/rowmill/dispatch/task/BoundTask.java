package dev.rowmill.dispatch.task;

import dev.rowmill.batch.Claim;
import dev.rowmill.engine.BatchEngine;
import dev.rowmill.engine.CheckSpec;
import dev.rowmill.engine.LanePool;
import dev.rowmill.engine.RunControl;
import dev.rowmill.engine.RunOutcome;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Plan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Combines a task with parameters of the task's own type. */
public record BoundTask<P extends Record>(BatchTask<P> task, P parameters) {

  public boolean passedRecently(String project) {
    return task.passedRecently(parameters, project);
  }

  public boolean isOfWholeTable() {
    return task.isOfWholeTable(parameters);
  }

  public boolean ignoresErrors() {
    return task.ignoresErrors(parameters);
  }

  public Optional<Plan.Count> planned(String project, Connection connection, long most, long millis)
      throws SQLException {
    return task.planned(parameters, project, connection, most, millis);
  }

  public void check(String project, Connection connection) throws SQLException {
    task.check(parameters, project, connection);
  }

  public void checkUndoable(String project, Connection connection) throws SQLException {
    task.checkUndoable(parameters, project, connection);
  }

  public void checkSkippable(String project, Connection connection) throws SQLException {
    task.checkSkippable(parameters, project, connection);
  }

  public OptionalLong residual(String project, Connection connection) throws SQLException {
    return task.residual(parameters, project, connection);
  }

  public Optional<Plan> plan(String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    return task.plan(parameters, project, connection, sizing);
  }

  public Optional<Plan.Basis> basis(String project, Connection connection, boolean count)
      throws SQLException {
    return task.basis(parameters, project, connection, count);
  }

  public Optional<Definition> definition(String project, Connection connection)
      throws SQLException {
    return task.definition(parameters, project, connection);
  }

  public Optional<Definition> checkedDefinition(String project) {
    return task.checkedDefinition(parameters, project);
  }

  public RunOutcome run(
      BatchEngine engine,
      Claim claim,
      @Nullable CheckSpec guard,
      RunControl control,
      LanePool threads)
      throws InterruptedException {
    return engine.run(claim, task, parameters, guard, control, threads);
  }

  public RunOutcome runLeased(BatchEngine engine, Claim claim, int lane, RunControl control)
      throws InterruptedException {
    return engine.runLeased(claim, lane, task, parameters, control);
  }
}
