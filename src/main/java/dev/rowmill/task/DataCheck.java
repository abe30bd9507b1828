package dev.rowmill.task;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether the data is as a caller says that it must stay while a batch runs: one SELECT with
 * one value, which must be true. It can only read. Implementations are safe for many threads.
 */
public interface DataCheck {

  /**
   * Says whether a check can be asked, without asking it.
   *
   * @param sql one SELECT, with {@code :name} for a value; {@code :project} is always bound
   * @param parameters values by name; the check need not use them all
   * @param connection with auto-commit
   * @throws Refusal when it can't, saying what to change
   * @throws SQLException when the database can't be asked
   */
  void prepare(
      String sql, Map<String, @Nullable Object> parameters, String project, Connection connection)
      throws SQLException;

  /**
   * Asks a check.
   *
   * @return empty when it holds; else what was found, one sentence in English
   * @throws Refusal when it can't be asked any more
   * @throws SQLException when the database gives no answer, or not within ten seconds
   */
  Optional<String> ask(
      String sql, Map<String, @Nullable Object> parameters, String project, Connection connection)
      throws SQLException;
}
