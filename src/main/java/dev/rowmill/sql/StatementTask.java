package dev.rowmill.sql;

import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Definition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Runs a statement as {@link SqlTask} does, with more than the statement as its parameters. A
 * subclass overrides what differs. Thread-safe.
 */
public abstract class StatementTask<P extends Record> implements ChunkedTask<P> {

  protected final SqlTask sql;
  private final String name;
  private final String description;
  private final Class<P> parametersType;

  protected StatementTask(SqlTask sql, String name, String description, Class<P> parametersType) {
    this.sql = sql;
    this.name = name;
    this.description = description;
    this.parametersType = parametersType;
  }

  /** Returns the statement to run. */
  protected abstract SqlParameters statement(P parameters);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final Class<P> parametersType() {
    return parametersType;
  }

  @Override
  public void check(P parameters, String project, Connection connection) throws SQLException {
    sql.check(statement(parameters), project, connection);
  }

  @Override
  public final void checkSkippable(P parameters, String project, Connection connection)
      throws SQLException {
    sql.checkSkippable(statement(parameters), project, connection);
  }

  @Override
  public final Optional<Definition> definition(P parameters, String project, Connection connection)
      throws SQLException {
    return sql.definition(statement(parameters), project, connection);
  }

  @Override
  public final Optional<Definition> checkedDefinition(P parameters, String project) {
    return sql.checkedDefinition(statement(parameters), project);
  }

  @Override
  public ChunkedRun open(P parameters, String project, Connection connection) throws SQLException {
    return sql.open(statement(parameters), project, connection);
  }
}
