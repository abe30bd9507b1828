package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests that the pool may switch to another server while a statement runs. */
@BesideOthers
class RunConnectionTest {

  /** Returns the given connections in their order. */
  private static final class Prepared extends MysqlDataSource {
    private static final long serialVersionUID = 1L;
    private final transient Deque<Connection> connections;

    Prepared(Connection... connections) {
      this.connections = new ArrayDeque<>(List.of(connections));
    }

    @Override
    public Connection getConnection() {
      return connections.removeFirst();
    }
  }

  @Test
  void a_statement_on_another_server_is_not_killed_instead() throws Exception {
    List<Connection> opened = new ArrayList<>();
    try (TestServer first = new TestServer().start();
        TestServer second = new TestServer().start()) {
      Connection own = add(opened, first);
      Connection others = add(opened, second);
      while (id(own) != id(others)) {
        if (id(own) < id(others)) {
          own = add(opened, first);
        } else {
          others = add(opened, second);
        }
      }
      Connection victim = others;
      try (var run = RunConnection.forReads(new Prepared(own, add(opened, second)))) {
        assertEquals(id(victim), id(run.get()));
        CompletableFuture<Integer> slept = CompletableFuture.supplyAsync(() -> sleep(victim));
        Awaitility.await("the other statement").until(() -> isSleeping(second));
        run.breakOff();
        assertEquals(0, slept.get(), "it was killed");
      }
      for (Connection connection : opened) {
        connection.close();
      }
    }
  }

  private static Connection add(List<Connection> opened, TestServer server) throws SQLException {
    Connection connection = server.connect("");
    opened.add(connection);
    return connection;
  }

  private static long id(Connection connection) throws SQLException {
    return connection.unwrap(JdbcConnection.class).getSession().getThreadId();
  }

  /** Sleeps; returns 1 if the sleep was killed. */
  private static int sleep(Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT SLEEP(3)")) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      return 1;
    }
  }

  private static boolean isSleeping(TestServer server) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*) FROM information_schema.processlist"
                    + " WHERE info = 'SELECT SLEEP(3)'")) {
      row.next();
      return row.getInt(1) == 1;
    }
  }
}
