package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.TestTokens;
import dev.rowmill.testing.TokenProfile;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that a worker reaches only leases of the projects that its token names. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class LeasedProjectsTest {

  private static final String TASK = "/api/v1/tasks/of-projects";

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens tokens;
  @Inject AgroalDataSource database;

  @Test
  void a_lease_of_another_project_is_neither_extended_nor_completed() throws SQLException {
    RowmillApi admin = api.as(tokens.token(Role.ADMIN, "*"));
    RowmillApi own = api.as(tokens.token(Role.OPERATOR, "own"));
    RowmillApi other = api.as(tokens.token(Role.OPERATOR, "other"));
    admin.json(Map.of("timeoutMillis", 600_000)).put(TASK).statusCode(201);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO task_offer (task, project, batch, node, attempt, body, kept_until)"
              + " VALUES ('of-projects', 'own', 1, 'none', 0, '{\"attempt\":1,\"rows\":[]}',"
              + " '2099-01-01')");
      other.post(TASK + "/lease").statusCode(204);
      Map<String, String> lease =
          Map.of("lease", own.post(TASK + "/lease").statusCode(200).path("lease"));
      for (String action : new String[] {"/extend", "/complete"}) {
        assertEquals("lease-expired", other.json(lease).post(TASK + action).problem(), action);
      }
      own.json(lease).post(TASK + "/extend").statusCode(200);
      own.json(lease).post(TASK + "/complete").statusCode(204);
      own.json(lease).post(TASK + "/extend").statusCode(409);
    } finally {
      admin.delete(TASK);
    }
  }
}
