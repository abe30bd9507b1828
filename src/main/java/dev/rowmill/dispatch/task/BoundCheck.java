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
 * A batch's check together with its values.
 *
 * @param sql one SELECT
 */
public record BoundCheck(
    DataCheck check, String sql, Map<String, @Nullable Object> parameters, String project)
    implements CheckSpec.Question {

  /**
   * Says whether it can be asked.
   *
   * @throws Refusal when it can't; a member tells that this is about the check
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
  public Optional<String> ask(Connection connection) throws SQLException {
    return check.ask(sql, parameters, project, connection);
  }
}
