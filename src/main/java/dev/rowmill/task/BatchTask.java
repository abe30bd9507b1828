package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Represents a kind of work that Rowmill runs as a batch. A CDI bean that implements {@link
 * ChunkedTask} or {@link PlainTask} is found at start-up, and requests select it by its name.
 *
 * <p>Implementations are called from many threads at once and hold no state of a run. A run stores
 * what it has to remember in its checkpoint.
 *
 * @param <P> the record of the task's parameters; its JSON Schema is published, and its Jakarta
 *     Validation constraints are checked before a batch is stored
 */
public sealed interface BatchTask<P extends Record> permits ChunkedTask, PlainTask {

  /** Returns the name that requests use: 1 to 64 of {@code a-z 0-9 -}, unique in the service. */
  String name();

  /** Returns one sentence about the task, which the list of tasks shows. */
  String description();

  /** Returns the record type that the request's {@code parameters} are read into. */
  Class<P> parametersType();

  /**
   * Returns whether the parameters choose any rows of any table, as a statement does. Then a start
   * requires the role author.
   */
  default boolean choosesRows() {
    return false;
  }

  /**
   * Returns what violates rules of the parameters that their constraints do not express: messages
   * in English, by the path of the parameter. Queries no database.
   *
   * @param parameters valid after their own constraints
   */
  default Map<String, String> violations(P parameters) {
    return Map.of();
  }

  /**
   * Checks whether this work can be done, before anything is stored. Must change nothing.
   *
   * @param parameters valid after their own constraints
   * @param project the project of the request
   * @param connection open on the data pool, outside of any run
   * @throws Refusal when the work can't be done, with what to change
   * @throws SQLException when the query fails
   */
  default void check(P parameters, String project, Connection connection) throws SQLException {}

  /**
   * Checks whether the changes of this work can be stored as an undo image. Must change nothing.
   *
   * @throws Refusal {@code undo-impossible} when they can't, with the reason
   */
  default void checkUndoable(P parameters, String project, Connection connection)
      throws SQLException {
    throw new Refusal("undo-impossible", Map.of(), List.of(Refusal.Reason.of("undo-task")));
  }

  /**
   * Checks whether this work can pass over single rows that fail. Must change nothing.
   *
   * @throws Refusal {@code skip-impossible} when it can't, with the reason
   */
  default void checkSkippable(P parameters, String project, Connection connection)
      throws SQLException {
    if (this instanceof PlainTask) {
      throw new Refusal("skip-impossible", Map.of(), List.of(Refusal.Reason.of("skip-task")));
    }
  }

  /**
   * Returns how many rows the work would still change. Empty where a query can't count them within
   * about a second.
   */
  default OptionalLong residual(P parameters, String project, Connection connection)
      throws SQLException {
    return OptionalLong.empty();
  }

  /**
   * Plans this work without doing it, after {@link #check}, always within two seconds. Changes
   * nothing, and leaves the connection as it was.
   *
   * @param connection of the data pool, with auto-commit and outside of a transaction
   * @return empty where this kind of work can't be planned
   * @throws Refusal as {@link #check} would
   */
  default Optional<Plan> plan(
      P parameters, String project, Connection connection, Plan.Sizing sizing) throws SQLException {
    return Optional.empty();
  }

  /**
   * Returns the basis that a plan of this work depends on, within a second. Changes nothing, and
   * leaves the connection as it was.
   *
   * @param connection of the data pool, with auto-commit and outside of a transaction
   * @param count whether to count the matching rows
   * @return empty where there is no {@link #plan}
   * @throws Refusal as {@link #check} would
   */
  default Optional<Plan.Basis> basis(
      P parameters, String project, Connection connection, boolean count) throws SQLException {
    return Optional.empty();
  }

  /**
   * Returns the definition of the tables that the work uses, as it is now. Changes nothing.
   *
   * @param connection of the data pool, with auto-commit and outside of a transaction
   * @return empty where this kind of work can't name them
   */
  default Optional<Definition> definition(P parameters, String project, Connection connection)
      throws SQLException {
    return Optional.empty();
  }

  /**
   * Returns the {@link #definition} as the last {@link #check} of the same work has found it.
   * Queries no database.
   *
   * @return empty where it is not cached
   */
  default Optional<Definition> checkedDefinition(P parameters, String project) {
    return Optional.empty();
  }

  /**
   * Counts the rows that the work covers, and estimates them when that takes too long. Changes
   * nothing, and leaves the connection as it was.
   *
   * @param connection of the data pool, with auto-commit and outside of a transaction
   * @param most bound of the exact number; above it, only the fact that there are more matters
   * @param millis time that counting may take, in milliseconds; an estimate may follow
   * @return empty where this kind of work has no such number
   * @throws Refusal as {@link #check} would
   */
  default Optional<Plan.Count> planned(
      P parameters, String project, Connection connection, long most, long millis)
      throws SQLException {
    return Optional.empty();
  }

  /**
   * Returns whether the work covers all rows of a table because it has no condition. Queries no
   * database.
   *
   * @throws Refusal as {@link #check} would
   */
  default boolean isOfWholeTable(P parameters) {
    return false;
  }

  /**
   * Returns whether the work ignores rows that fail, rather than failing. Queries no database.
   *
   * @throws Refusal as {@link #check} would
   */
  default boolean ignoresErrors(P parameters) {
    return false;
  }

  /**
   * Returns whether {@link #check} can be skipped because the same request passed it a moment ago.
   * Queries no database.
   *
   * @throws Refusal as {@link #check} would
   */
  default boolean passedRecently(P parameters, String project) {
    return false;
  }
}
