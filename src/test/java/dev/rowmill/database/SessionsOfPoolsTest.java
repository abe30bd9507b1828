package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the sessions of both pools are made by {@link ValidatedConnection}. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class SessionsOfPoolsTest {

  @Inject javax.sql.DataSource control;

  @Inject
  @DataSource("data")
  javax.sql.DataSource data;

  @Test
  void both_pools_use_the_server_default_collation_of_utf8mb4() throws SQLException {
    for (javax.sql.DataSource pool : List.of(control, data)) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        assertTrue(connection.isWrapperFor(ValidatedConnection.class));
        String is = value(statement, "SELECT @@collation_connection");
        assertEquals("READ-COMMITTED", connection.isValid(0) ? isolation(statement) : "none");
        statement.execute("SET NAMES utf8mb4, character_set_results = NULL");
        assertEquals(value(statement, "SELECT @@collation_connection"), is);
      }
    }
  }

  private static String isolation(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')")) {
      row.next();
      return row.getString(2);
    }
  }

  private static String value(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
