package dev.rowmill.throttle;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests the precision of measured waits: the server reports whole seconds, the samples are finer.
 */
@BesideOthers
class LockProbeTest {

  private static TestServer server;
  private static Server admin;

  private final HeldLocks held = new HeldLocks();
  private final LockWaits waits = new LockWaits();
  private final LockProbe probe =
      new LockProbe(
          new MainServer(Settings.database(server, server.user(), server.password())),
          new Measure("locks"),
          held);

  private Connection holder;
  private CompletableFuture<Void> waiter;

  @BeforeAll
  static void start_server() throws SQLException {
    server = new TestServer().start();
    admin = new Server(server);
    admin.run(
        "CREATE DATABASE locks",
        "CREATE TABLE locks.t (id INT PRIMARY KEY, n INT) ENGINE = InnoDB",
        "INSERT INTO locks.t VALUES (1, 0)");
  }

  @AfterAll
  static void stop_server() {
    server.close();
  }

  @BeforeEach
  void start_waiter() throws SQLException {
    holder = server.connect("locks");
    holder.setAutoCommit(false);
    held.add(Server.id(holder), waits);
    update(holder);
    // Early in a second of the server's clock, when its report is least exact.
    Awaitility.await("the beginning of a second")
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> admin.number("SELECT MICROSECOND(SYSDATE(6))") < 100_000);
    waiter =
        CompletableFuture.runAsync(
            () -> {
              try (Connection connection = server.connect("locks")) {
                update(connection);
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  @AfterEach
  void release_lock() throws Exception {
    holder.rollback();
    holder.close();
    waiter.get();
  }

  private static void update(Connection connection) throws SQLException {
    execute(connection, "UPDATE t SET n = n + 1");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void awaitWaiting(Duration atLeast) {
    Awaitility.await("one to wait for " + atLeast)
        .pollDelay(Duration.ZERO)
        // InnoDB repeats its result for 100 ms.
        .pollInterval(Duration.ofMillis(200))
        .atMost(Asking.PATIENCE)
        .until(
            () ->
                admin.number(
                        // The start of a wait is set before the state of the transaction.
                        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE"
                            + " trx_state = 'LOCK WAIT' AND trx_wait_started <= CONVERT_TZ(UTC_TIMESTAMP(), '+00:00',"
                            + " 'SYSTEM') - INTERVAL "
                            + atLeast.toSeconds()
                            + " SECOND")
                    > 0);
  }

  @Test
  void a_wait_from_before_the_first_sample_is_reported_by_the_server() throws SQLException {
    awaitWaiting(Duration.ofSeconds(3));
    probe.sample();
    long measured = waits.worst();
    assertTrue(measured >= TimeUnit.SECONDS.toNanos(2), measured + " ns");
  }

  @Test
  void a_wait_lasts_at_least_as_long_as_it_has_been_sampled() throws SQLException {
    awaitWaiting(Duration.ZERO);
    assertToldAsLongAsLookedAt();
  }

  private void assertToldAsLongAsLookedAt() throws SQLException {
    probe.sample();
    long first = System.nanoTime();
    Awaitility.await("some time to pass")
        .pollInterval(Duration.ofMillis(10))
        .until(() -> System.nanoTime() - first > TimeUnit.MILLISECONDS.toNanos(600));
    long second = System.nanoTime();
    probe.sample();
    long measured = waits.worst();
    assertTrue(measured >= second - first, measured + " ns of " + (second - first));
  }

  /** Inserts binary data like a picture. Meanwhile, MySQL shows no transactions. */
  @Test
  void a_wait_is_reported_while_a_statement_contains_binary_data() throws Exception {
    awaitWaiting(Duration.ZERO);
    execute(holder, "SELECT GET_LOCK('end', 0)");
    try (Connection other = binaryProtocol();
        PreparedStatement statement =
            other.prepareStatement("SELECT ?, GET_LOCK('begun', 0), GET_LOCK('end', 60) FROM t")) {
      other.setAutoCommit(false);
      statement.setBytes(1, new byte[] {(byte) 0xFF, (byte) 0x80});
      var query =
          CompletableFuture.runAsync(
              () -> assertDoesNotThrow(() -> statement.executeQuery().close()));
      Awaitility.await("the bytes to be on the server")
          .atMost(Asking.PATIENCE)
          .until(() -> admin.number("SELECT IS_USED_LOCK('begun') IS NOT NULL") == 1);
      try {
        assertToldAsLongAsLookedAt();
      } finally {
        execute(holder, "SELECT RELEASE_LOCK('end')");
        query.get();
      }
    }
  }

  /**
   * Opens a connection that sends bytes unchanged; otherwise Connector/J writes them in
   * hexadecimal.
   */
  private static Connection binaryProtocol() throws SQLException {
    return DriverManager.getConnection(
        server.url("locks") + "&useServerPrepStmts=true", server.user(), server.password());
  }
}
