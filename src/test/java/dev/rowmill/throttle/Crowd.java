package dev.rowmill.throttle;

import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Runs statements on a number of connections until it is closed. */
final class Crowd implements AutoCloseable {

  private final Server server;
  private final List<Connection> connections = new ArrayList<>();
  private final List<Long> ids = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  Crowd(TestServer server, int size) throws SQLException {
    this.server = new Server(server);
    for (int i = 0; i < size; i++) {
      Connection connection = server.connect("");
      connections.add(connection);
      ids.add(Server.id(connection));
      Thread thread = new Thread(() -> sleep(connection), "crowd-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  private static void sleep(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT SLEEP(3600)");
    } catch (SQLException e) {
      // Killed, as intended.
    }
  }

  @Override
  public void close() throws SQLException, InterruptedException {
    for (long id : ids) {
      server.run("KILL " + id);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
