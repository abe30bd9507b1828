package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A kind of work that Rowmill runs as a batch. A CDI bean that implements {@link ChunkedTask} or
 * {@link PlainTask} is found at start-up and can be asked for by its name.
 *
 * <p>Implementations are called from many threads at once and keep no state of a run; what a run
 * needs to remember belongs into its checkpoint.
 *
 * @param <P> the record of the task's parameters; its JSON Schema is published, and its Jakarta
 *     Validation constraints are checked before a batch is stored
 */
public sealed interface BatchTask<P extends Record> permits ChunkedTask, PlainTask {

  /** The name that callers ask for: 1 to 64 of {@code a-z 0-9 -}, unique in the service. */
  String name();

  /** One sentence for the list of tasks. */
  String description();

  /** The record that the request's {@code parameters} are read into. */
  Class<P> parametersType();

  /**
   * Says whether this work can be done, before anything is stored. Must change nothing.
   *
   * @param parameters valid after their own constraints
   * @param project the project that asks
   * @param connection open on the data pool, outside of any run
   * @throws Refusal when the work can't be done, saying what to change
   * @throws SQLException when the database can't be asked
   */
  default void check(P parameters, String project, Connection connection) throws SQLException {}

  /**
   * Says whether what the work changes can be kept for an undo. Must change nothing.
   *
   * @throws Refusal {@code undo-impossible} when it can't, saying why
   */
  default void checkKeeps(P parameters, String project, Connection connection) throws SQLException {
    throw new Refusal("undo-impossible", Map.of(), List.of(Refusal.Reason.of("undo-task")));
  }

  /**
   * How many rows the work would still change, where that can be told by looking, and within about
   * a second.
   */
  default OptionalLong residual(P parameters, String project, Connection connection)
      throws SQLException {
    return OptionalLong.empty();
  }

  /**
   * Finds out what this work would do, after {@link #check}, within two seconds whatever it is.
   * Changes nothing, and leaves the connection as it was.
   *
   * @param connection of the data pool, with auto-commit and outside of a transaction
   * @return empty where that can't be told of this kind of work
   * @throws Refusal as {@link #check} would
   */
  default Optional<Plan> plan(
      P parameters, String project, Connection connection, Plan.Sizing sizing) throws SQLException {
    return Optional.empty();
  }

  /**
   * Finds out what a plan of this work would hold for, within a second. Changes nothing, and leaves
   * the connection as it was.
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
   * How many rows the work is about, found out within two seconds. Changes nothing, and leaves the
   * connection as it was.
   *
   * @param connection of the data pool, with auto-commit and outside of a transaction
   * @param most above which it is only of interest that there are more
   * @return empty where that can't be told of this kind of work
   * @throws Refusal as {@link #check} would
   */
  default Optional<Plan.Count> planned(
      P parameters, String project, Connection connection, long most) throws SQLException {
    return Optional.empty();
  }

  /**
   * Whether the work is about all rows of a table, for want of a condition. Asks no database.
   *
   * @throws Refusal as {@link #check} would
   */
  default boolean isOfWholeTable(P parameters) {
    return false;
  }

  /**
   * Returns whether the work passes over rows that fail, rather than failing. Asks no database.
   *
   * @throws Refusal as {@link #check} would
   */
  default boolean passesOverErrors(P parameters) {
    return false;
  }

  /**
   * Whether {@link #check} need not be asked, because it let the same pass a moment ago. Asks no
   * database.
   *
   * @throws Refusal as {@link #check} would
   */
  default boolean isKnownToPass(P parameters, String project) {
    return false;
  }
}
