package dev.rowmill.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a run is held to: a question on the data that is asked after its first chunks, from time to
 * time, and at its end.
 *
 * @param canaryChunks after how many chunks it is first asked
 * @param interval from one answer to the next question, while chunks are done
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
