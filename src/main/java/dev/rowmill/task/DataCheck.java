package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks the data while a batch runs: one SELECT with one value, which must stay true. It can only
 * read. Implementations are safe for many threads.
 */
public interface DataCheck {

  /**
   * Checks whether the SELECT can run, without running it.
   *
   * @param sql one SELECT, with {@code :name} for a value; {@code :project} is always bound
   * @param parameters values by name; the check need not use them all
   * @param connection with auto-commit
   * @throws Refusal when it can't run, with what to change
   * @throws SQLException when the query fails
   */
  void prepare(
      String sql, Map<String, @Nullable Object> parameters, String project, Connection connection)
      throws SQLException;

  /**
   * Runs a check.
   *
   * @return empty when it holds; else its finding, one sentence in English
   * @throws Refusal when it can't run any more
   * @throws SQLException when the query fails, or takes longer than ten seconds
   */
  Optional<String> evaluate(
      String sql, Map<String, @Nullable Object> parameters, String project, Connection connection)
      throws SQLException;
}
