package dev.rowmill.dispatch.task;

import dev.rowmill.engine.CheckSpec;
import dev.rowmill.task.DataCheck;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Combines the check of a batch with its parameter values.
 *
 * @param sql one SELECT
 */
public record BoundCheck(
    DataCheck check, String sql, Map<String, @Nullable Object> parameters, String project)
    implements CheckSpec.Condition {

  /**
   * Checks whether the SELECT can be run.
   *
   * @throws Refusal when it can't; its member {@code field} names the check
   */
  public void prepare(Connection connection) throws SQLException {
    try {
      check.prepare(sql, parameters, project, connection);
    } catch (Refusal e) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("field", "check");
      members.putAll(e.members());
      throw new Refusal(e.type(), members, e.reasons());
    }
  }

  @Override
  public Optional<String> evaluate(Connection connection) throws SQLException {
    return check.evaluate(sql, parameters, project, connection);
  }
}
