package dev.rowmill.throttle;

import dev.rowmill.testing.TestServer;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Runs a source and a real replica of it, which can be stopped, delayed and killed. */
final class Replication implements AutoCloseable {

  final TestServer source;
  final TestServer replica;
  final Server onSource;
  final Server onReplica;
  final boolean mariaDb;

  Replication() throws SQLException {
    source = new TestServer("--server-id=1", "--log-bin=binlog").start();
    replica = new TestServer("--server-id=2", "--log-bin=binlog").start();
    onSource = new Server(source);
    onReplica = new Server(replica);
    mariaDb = onSource.isMariaDb();
    follow("", "127.0.0.1");
    start();
    onSource.run("CREATE DATABASE app", "CREATE TABLE app.t (id INT PRIMARY KEY, n INT)");
    onSource.run("INSERT INTO app.t VALUES (1, 0)");
    awaitCaughtUp();
  }

  /** Points the replica to a source, or to a second source under another name. */
  void follow(String name, String host) throws SQLException {
    onReplica.run(
        mariaDb
            ? "CHANGE MASTER "
                + (name.isEmpty() ? "" : "'" + name + "' ")
                + "TO MASTER_HOST = '"
                + host
                + "', MASTER_PORT = "
                + source.port()
                + ", MASTER_USER = '"
                + source.user()
                + "', MASTER_PASSWORD = '"
                + source.password()
                + "', MASTER_SSL = 0, MASTER_CONNECT_RETRY = 1"
            : "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '"
                + host
                + "', SOURCE_PORT = "
                + source.port()
                + ", SOURCE_USER = '"
                + source.user()
                + "', SOURCE_PASSWORD = '"
                + source.password()
                + "', GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1"
                + channel(name));
  }

  /** Undoes {@link #follow}. */
  void forget(String name) throws SQLException {
    onReplica.run("RESET REPLICA " + (mariaDb ? "'" + name + "' ALL" : "ALL" + channel(name)));
  }

  private static String channel(String name) {
    return name.isEmpty() ? "" : " FOR CHANNEL '" + name + "'";
  }

  void start() throws SQLException {
    onReplica.run("START REPLICA");
  }

  void startApplying() throws SQLException {
    onReplica.run("START REPLICA SQL_THREAD");
  }

  void stopApplying() throws SQLException {
    onReplica.run("STOP REPLICA SQL_THREAD");
  }

  /** Changes a row that the replica has to change too. */
  void change() throws SQLException {
    onSource.run("UPDATE app.t SET n = n + 1");
  }

  void awaitCaughtUp() throws SQLException {
    onSource.run("CREATE TABLE IF NOT EXISTS app.t (id INT PRIMARY KEY, n INT)");
    String count = "SELECT n FROM app.t";
    String expected = onSource.value(count);
    Awaitility.await("the replica to catch up")
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(() -> onReplica.value(count), expected::equals);
  }

  @Override
  public void close() {
    replica.close();
    source.close();
  }
}
