package dev.rowmill.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * Defines the check of a run: a question on the data, put after its first chunks, at intervals, and
 * at its end.
 *
 * @param canaryChunks number of chunks before the first check
 * @param interval from one result to the next check, while chunks are done
 */
public record CheckSpec(Question question, int canaryChunks, Duration interval) {

  /** A question whose answer must be yes. Safe for many threads. */
  @FunctionalInterface
  public interface Question {

    /**
     * Asks.
     *
     * @param connection with auto-commit, and again on return
     * @return empty for yes; else what was found, one sentence in English
     */
    Optional<String> ask(Connection connection) throws SQLException;
  }
}
