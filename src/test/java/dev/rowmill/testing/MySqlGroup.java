package dev.rowmill.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Runs three MySQL servers as a replication group with one primary, on the loopback address. Uses
 * the server at {@code testing.mariadbd} if that is MySQL.
 *
 * <p>Not thread-safe.
 */
public final class MySqlGroup implements AutoCloseable {

  private static final int MEMBERS = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String NAME = "11111111-2222-3333-4444-555555555555";

  private final List<TestServer> servers = new ArrayList<>();

  private MySqlGroup() {}

  /** Returns whether the tests run on MySQL servers. */
  public static boolean canBe() {
    return System.getProperty("testing.mariadbd", "").endsWith("mysqld");
  }

  /** Starts a group, and returns when all members are online. The first is the primary. */
  public static MySqlGroup start() throws SQLException {
    var group = new MySqlGroup();
    List<String> seeds = new ArrayList<>();
    try {
      for (int i = 0; i < MEMBERS; i++) {
        seeds.add("127.0.0.1:" + TestServer.freePort());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < MEMBERS; i++) {
      group.servers.add(
          new TestServer(
              "--server-id=" + (i + 1),
              "--log-bin=binlog",
              "--gtid-mode=ON",
              "--enforce-gtid-consistency=ON",
              "--report-host=127.0.0.1",
              "--plugin-load-add=group_replication.so",
              "--loose-group-replication-group-name=" + NAME,
              "--loose-group-replication-start-on-boot=OFF",
              "--loose-group-replication-local-address=" + seeds.get(i),
              "--loose-group-replication-group-seeds=" + String.join(",", seeds),
              "--loose-group-replication-recovery-get-public-key=ON",
              "--loose-group-replication-member-expel-timeout=0",
              "--loose-group-replication-unreachable-majority-timeout=5",
              "--loose-group-replication-ip-allowlist=127.0.0.1/8"));
    }
    for (int i = 0; i < MEMBERS; i++) {
      TestServer server = group.servers.get(i).start();
      run(
          server,
          "SET SQL_LOG_BIN = 0",
          // Remove each member's local transactions, which the group does not have.
          "RESET BINARY LOGS AND GTIDS",
          "SET SQL_LOG_BIN = 1",
          "CHANGE REPLICATION SOURCE TO SOURCE_USER = '"
              + server.user()
              + "', SOURCE_PASSWORD = '"
              + server.password()
              + "' FOR CHANNEL 'group_replication_recovery'");
      if (i == 0) {
        run(server, "SET GLOBAL group_replication_bootstrap_group = ON");
      }
      run(server, "START GROUP_REPLICATION");
      if (i == 0) {
        run(server, "SET GLOBAL group_replication_bootstrap_group = OFF");
      }
      int online = i + 1;
      Awaitility.await("member " + online)
          .atMost(PATIENCE)
          .until(() -> group.online(server) == online);
    }
    return group;
  }

  /**
   * Returns a server.
   *
   * @param member number of the member, from 0 to 2
   */
  public TestServer server(int member) {
    return servers.get(member);
  }

  /** Returns a URL with the hosts of all members. */
  public String url(String schema) {
    TestServer first = servers.get(0);
    return first
        .url(schema)
        .replace(
            "127.0.0.1:" + first.port(),
            servers.stream()
                .map(each -> "127.0.0.1:" + each.port())
                .collect(Collectors.joining(",")));
  }

  /** Makes another member the primary by a planned switchover; returns after the switchover. */
  public void setPrimary(int member) throws SQLException {
    String id;
    try (Connection connection = servers.get(member).connect("");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT @@server_uuid")) {
      row.next();
      id = row.getString(1);
    }
    run(servers.get(member), "SELECT group_replication_set_as_primary('" + id + "')");
  }

  private int online(TestServer server) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*) FROM performance_schema.replication_group_members"
                    + " WHERE MEMBER_STATE = 'ONLINE'")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void run(TestServer server, String... statements) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Override
  public void close() {
    servers.forEach(TestServer::close);
  }
}
