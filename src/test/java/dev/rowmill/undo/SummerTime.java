package dev.rowmill.undo;

import dev.rowmill.testing.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Provides the usual database, with batches in the time zone {@value #ZONE}. The zone has an offset
 * of one hour from UTC, and of two in the summer of 2025, as in Central Europe. The server gets its
 * rules here, so that no zone tables are needed.
 */
public final class SummerTime implements QuarkusTestResourceLifecycleManager {

  /** Runs the service with this database, once for all tests that want it. */
  public static final class Profile implements QuarkusTestProfile {
    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(SummerTime.class));
    }
  }

  private static final String ZONE = "Rowmill/Summer";

  private final DatabaseResource database = new DatabaseResource();

  @Override
  public Map<String, String> start() {
    Map<String, String> config = new HashMap<>(database.start());
    try (Connection connection =
            DriverManager.getConnection(
                config.get("quarkus.datasource.jdbc.url"),
                config.get("quarkus.datasource.username"),
                config.get("quarkus.datasource.password"));
        Statement statement = connection.createStatement()) {
      if (!isKnown(statement)) {
        teach(statement);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    config.put(
        "quarkus.datasource.data.jdbc.additional-jdbc-properties.sessionVariables",
        "time_zone='" + ZONE + "'");
    return config;
  }

  private static boolean isKnown(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT COUNT(*) FROM mysql.time_zone_name WHERE Name = '" + ZONE + "'")) {
      row.next();
      return row.getInt(1) > 0;
    }
  }

  private static void teach(Statement statement) throws SQLException {
    statement.execute("INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N')");
    long id;
    try (ResultSet row = statement.executeQuery("SELECT MAX(Time_zone_id) FROM mysql.time_zone")) {
      row.next();
      id = row.getLong(1);
    }
    statement.execute("INSERT INTO mysql.time_zone_name VALUES ('" + ZONE + "', " + id + ")");
    statement.execute(
        "INSERT INTO mysql.time_zone_transition_type VALUES (%1$d, 0, 3600, 0, 'WT'), (%1$d, 1, 7200, 1, 'ST')"
            .formatted(id));
    // 2025-03-30 01:00 and 2025-10-26 01:00 in UTC.
    statement.execute(
        "INSERT INTO mysql.time_zone_transition VALUES (%1$d, 1743296400, 1), (%1$d, 1761440400, 0)"
            .formatted(id));
  }

  @Override
  public void stop() {
    database.stop();
  }
}
