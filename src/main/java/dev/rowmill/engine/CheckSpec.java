package dev.rowmill.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * Defines the check of a run: a condition on the data, evaluated after its first chunks, at
 * intervals, and at its end.
 *
 * @param canaryChunks number of chunks before the first evaluation
 * @param interval time from one result to the next evaluation, while chunks are done
 */
public record CheckSpec(Condition condition, int canaryChunks, Duration interval) {

  /** Evaluates a condition on the data that must be true. Safe for many threads. */
  @FunctionalInterface
  public interface Condition {

    /**
     * Evaluates the condition.
     *
     * @param connection connection with auto-commit, which must be on again on return
     * @return empty when it is true; else the finding, one sentence in English
     */
    Optional<String> evaluate(Connection connection) throws SQLException;
  }
}
