package dev.rowmill.dispatch;

import dev.rowmill.batch.Claim;
import dev.rowmill.engine.BatchEngine;
import dev.rowmill.engine.Guard;
import dev.rowmill.engine.Outcome;
import dev.rowmill.engine.RunControl;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.Plan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A task together with parameters of its own type. */
record BoundTask<P extends Record>(BatchTask<P> task, P parameters) {

  boolean isKnownToPass(String project) {
    return task.isKnownToPass(parameters, project);
  }

  boolean isOfWholeTable() {
    return task.isOfWholeTable(parameters);
  }

  boolean passesOverErrors() {
    return task.passesOverErrors(parameters);
  }

  Optional<Plan.Count> planned(String project, Connection connection, long most)
      throws SQLException {
    return task.planned(parameters, project, connection, most);
  }

  void check(String project, Connection connection) throws SQLException {
    task.check(parameters, project, connection);
  }

  void checkKeeps(String project, Connection connection) throws SQLException {
    task.checkKeeps(parameters, project, connection);
  }

  OptionalLong residual(String project, Connection connection) throws SQLException {
    return task.residual(parameters, project, connection);
  }

  Optional<Plan> plan(String project, Connection connection, Plan.Sizing sizing)
      throws SQLException {
    return task.plan(parameters, project, connection, sizing);
  }

  Optional<Plan.Basis> basis(String project, Connection connection, boolean count)
      throws SQLException {
    return task.basis(parameters, project, connection, count);
  }

  Outcome run(
      BatchEngine engine, Claim claim, @Nullable Guard guard, RunControl control, Executor threads)
      throws InterruptedException {
    return engine.run(claim, task, parameters, guard, control, threads);
  }

  Outcome runBorrowed(BatchEngine engine, Claim claim, int lane, RunControl control)
      throws InterruptedException {
    return engine.runBorrowed(claim, lane, task, parameters, control);
  }
}
