package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Defines what a batch does. Immutable.
 *
 * @param task name of the registered task, for {@link BatchKind#TASK}
 * @param sql the statement, for {@link BatchKind#SQL}
 * @param walk table whose rows the statement walks, by alias or name; null for the first possible
 *     one
 * @param parameters a JSON object
 * @param undoes batch that it undoes, for {@link BatchKind#UNDO}
 * @param skipped rows to which the statement is restricted; null for all that match
 */
public record BatchWork(
    BatchKind kind,
    @Nullable String task,
    @Nullable String sql,
    @Nullable String walk,
    String parameters,
    @Nullable Long undoes,
    @Nullable SkippedOf skipped) {

  public static BatchWork sql(@Nullable String sql, @Nullable String walk, String parameters) {
    return new BatchWork(BatchKind.SQL, null, sql, walk, parameters, null, null);
  }

  public static BatchWork task(@Nullable String name, String parameters) {
    return new BatchWork(BatchKind.TASK, name, null, null, parameters, null, null);
  }

  public static BatchWork undo(long batch, String parameters) {
    return new BatchWork(BatchKind.UNDO, null, null, null, parameters, batch, null);
  }

  /** Returns whether it restores or retries rows of another batch. */
  public boolean hasSource() {
    return undoes != null || skipped != null;
  }

  /** Returns the same work with other parameters. */
  public BatchWork with(String others) {
    return new BatchWork(kind, task, sql, walk, others, undoes, skipped);
  }

  /** Returns the same work, restricted to rows that a batch has passed over. */
  public BatchWork only(SkippedOf rows) {
    return new BatchWork(kind, task, sql, walk, parameters, undoes, rows);
  }
}
