package dev.rowmill.sql;

import dev.rowmill.testing.JvmStore;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;

/** Creates a schema on the real server, and drops it when closed. Not thread-safe. */
public final class Database implements AutoCloseable {

  private final String schema =
      "rowmill_sql_" + UUID.randomUUID().toString().substring(0, 8).replace("-", "");
  private final Connection connection;

  public Database() {
    connection = connect("", "", "", true);
    run("CREATE DATABASE " + schema + " CHARACTER SET utf8mb4");
    try {
      connection.setCatalog(schema);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the server of all schemas, which ends with the JVM. */
  private static TestServer server() {
    return JvmStore.get("sql", TestServer.class, () -> new TestServer().start());
  }

  /** Connects to the server that the tests run against. */
  private static Connection connect(
      String schema, String user, String password, boolean affectedRows) {
    String url =
        System.getProperty(
            "testing.jdbc.url", System.getenv().getOrDefault("ROWMILL_TEST_JDBC_URL", ""));
    Properties properties = new Properties();
    if (url.isEmpty()) {
      TestServer server = server();
      url = server.url("");
      properties.setProperty("user", server.user());
      properties.setProperty("password", server.password());
    }
    if (!user.isEmpty()) {
      properties.setProperty("user", user);
      properties.setProperty("password", password);
    }
    properties.setProperty("useServerPrepStmts", "true");
    properties.setProperty("useAffectedRows", Boolean.toString(affectedRows));
    properties.setProperty("allowPublicKeyRetrieval", "true");
    try {
      Connection opened = DriverManager.getConnection(url, properties);
      opened.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      if (!schema.isEmpty()) {
        opened.setCatalog(schema);
      }
      return opened;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens another connection to the same schema. The caller has to close it. */
  public Connection another() {
    return another(true);
  }

  /** Opens a connection of another account to the same schema. The caller has to close it. */
  public Connection as(String user, String password) {
    return connect(schema, user, password, true);
  }

  /**
   * Opens another connection to the same schema. The caller has to close it.
   *
   * @param affectedRows whether the driver counts changed rows instead of matching ones
   */
  public Connection another(boolean affectedRows) {
    return connect(schema, "", "", affectedRows);
  }

  public Connection connection() {
    return connection;
  }

  public String schema() {
    return schema;
  }

  public boolean mariaDb() {
    try {
      return connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public void run(String... statements) {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        try {
          statement.execute(sql);
        } catch (SQLException e) {
          throw new IllegalStateException(sql, e);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Defines a time zone on the server, under another name. Like on most servers, its rules end in
   * 2037.
   *
   * @param name name for sessions
   * @param rules zone whose rules it has
   */
  public void loadZone(String name, String rules) {
    if (!value("SELECT COUNT(*) FROM mysql.time_zone_name WHERE Name = '" + name + "'")
        .equals("0")) {
      return;
    }
    ZoneRules zone = ZoneId.of(rules).getRules();
    run("INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N')");
    String id = value("SELECT MAX(Time_zone_id) FROM mysql.time_zone");
    List<Integer> offsets = new ArrayList<>();
    offsets.add(zone.getOffset(Instant.MIN).getTotalSeconds());
    List<String> transitions = new ArrayList<>();
    Instant last = Instant.parse("1850-01-01T00:00:00Z");
    for (ZoneOffsetTransition next = zone.nextTransition(last);
        next != null && next.getInstant().getEpochSecond() < Integer.MAX_VALUE;
        next = zone.nextTransition(next.getInstant())) {
      int offset = next.getOffsetAfter().getTotalSeconds();
      if (!offsets.contains(offset)) {
        offsets.add(offset);
      }
      transitions.add(
          "(" + id + ", " + next.toEpochSecond() + ", " + offsets.indexOf(offset) + ")");
    }
    for (int offset : offsets) {
      run(
          "INSERT INTO mysql.time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`,"
              + " Is_DST, Abbreviation) VALUES ("
              + id
              + ", "
              + offsets.indexOf(offset)
              + ", "
              + offset
              + ", 0, 'T"
              + offsets.indexOf(offset)
              + "')");
    }
    run(
        "INSERT INTO mysql.time_zone_transition (Time_zone_id, Transition_time,"
            + " Transition_type_id) VALUES "
            + String.join(", ", transitions),
        "INSERT INTO mysql.time_zone_name (Name, Time_zone_id) VALUES ('"
            + name
            + "', "
            + id
            + ")");
  }

  /** Returns the columns of each row as text, separated by bars. */
  public List<String> rows(String sql) {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          line.append(i == 1 ? "" : "|").append(row.getString(i));
        }
        rows.add(line.toString());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
    return rows;
  }

  public String value(String sql) {
    return rows(sql).get(0);
  }

  @Override
  public void close() {
    run("DROP DATABASE " + schema);
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
