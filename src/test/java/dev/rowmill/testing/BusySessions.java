package dev.rowmill.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Keeps threads of the server running until it is closed. */
public final class BusySessions implements AutoCloseable {
  private final DataSource database;
  private final List<Connection> connections = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  public BusySessions(DataSource database, int size) throws SQLException {
    this.database = database;
    for (int i = 0; i < size; i++) {
      Connection connection = database.getConnection();
      connections.add(connection);
      var thread = new Thread(() -> sleep(connection));
      threads.add(thread);
      thread.start();
    }
  }

  private static void sleep(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DO SLEEP(60)");
    } catch (SQLException e) {
      // Killed, as intended.
      return;
    }
  }

  @Override
  public void close() throws SQLException, InterruptedException {
    try (Connection killer = database.getConnection();
        Statement statement = killer.createStatement()) {
      var ids = new ArrayList<Long>();
      try (var row =
          statement.executeQuery(
              "SELECT id FROM information_schema.processlist WHERE info = 'DO SLEEP(60)'")) {
        while (row.next()) {
          ids.add(row.getLong(1));
        }
      }
      for (long id : ids) {
        statement.execute("KILL QUERY " + id);
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
