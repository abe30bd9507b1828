package dev.rowmill.throttle;

import static dev.rowmill.throttle.Asking.awaitGo;
import static dev.rowmill.throttle.Asking.awaitRead;
import static dev.rowmill.throttle.Asking.awaitWait;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests sessions that wait for real locks, held by connections on which chunks might run. */
@BesideOthers
class LockWaitThrottleTest {

  private static final Duration OFF = Duration.ZERO;
  private static final double SECONDS_OF_AN_HOUR = 3600;
  private static final String CLOSED =
      "others have waited \\d+\\.\\d s for locks of a chunk; limit 1\\.0 s";

  private static TestServer server;
  private static Server admin;

  private Throttles throttles;
  private Pace pace;
  private Connection chunk;

  private final Thresholds limits =
      new Thresholds(OFF, 0, 0, OFF, 0, Duration.ofSeconds(1), null, 0, false);

  @BeforeAll
  static void start_server() throws SQLException {
    // The start of a wait is reported in the system's zone, not in that of the session.
    server = new TestServer("--default-time-zone=+09:00").start();
    admin = new Server(server);
    admin.run(
        "CREATE DATABASE locks",
        "CREATE TABLE locks.t (id INT PRIMARY KEY, n INT) ENGINE = InnoDB",
        "INSERT INTO locks.t VALUES (1, 0), (2, 0)");
  }

  @AfterAll
  static void stop_server() {
    server.close();
  }

  @BeforeEach
  void begin_a_chunk() throws SQLException {
    throttles =
        new Throttles(
            Settings.of(),
            Settings.database(server, server.user(), server.password()),
            new SimpleMeterRegistry());
    pace = throttles.begin();
    chunk = server.connect("locks");
    chunk.setAutoCommit(false);
    pace.connection(Server.id(chunk));
    awaitGo(pace, limits);
  }

  @AfterEach
  void end() throws SQLException {
    pace.close();
    chunk.close();
    throttles.end();
  }

  private static void update(Connection connection, int id) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("UPDATE t SET n = n + 1 WHERE id = " + id);
    }
  }

  /** Updates a row on another connection, without a limit for the wait. */
  private static CompletableFuture<Void> waiter(int id) {
    return CompletableFuture.runAsync(
        () -> {
          try (Connection connection = server.connect("locks")) {
            update(connection, id);
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void a_wait_for_a_chunks_lock_closes_until_the_lock_is_released() throws Exception {
    update(chunk, 1);
    CompletableFuture<Void> waiter = waiter(1);
    Verdict.Wait wait = awaitWait(pace, limits, Reason.LOCK_WAIT, CLOSED);
    double seconds = Double.parseDouble(wait.detail().replaceAll("\\D+(\\d+\\.\\d) s.*", "$1"));
    assertTrue(seconds < SECONDS_OF_AN_HOUR, "the wait is reported in another zone: " + seconds);
    chunk.commit();
    waiter.get();
    awaitGo(pace, limits);
  }

  @Test
  void a_wait_between_two_samples_closes_the_throttle() throws Exception {
    update(chunk, 1);
    CompletableFuture<Void> waiter = waiter(1);
    try (Pace other = pace.another()) {
      other.next(limits);
      awaitWaiting(1, Duration.ofSeconds(3));
      chunk.commit();
      waiter.get();
      awaitRead(throttles.measures().locks());
      assertInstanceOf(Verdict.Go.class, other.next(limits), "they did not wait for this lane");
      var wait = assertInstanceOf(Verdict.Wait.class, pace.next(limits));
      assertTrue(wait.detail().matches(CLOSED), wait::detail);
      awaitGo(pace, limits);
    }
  }

  @Test
  void waits_for_others_and_waits_of_own_lanes_are_ignored() throws Exception {
    try (Connection stranger = server.connect("locks");
        Pace lane = pace.another()) {
      stranger.setAutoCommit(false);
      update(stranger, 1);
      update(chunk, 2);
      CompletableFuture<Void> waiter = waiter(1);
      CompletableFuture<Void> ownLane =
          CompletableFuture.runAsync(
              () -> {
                try (Connection connection = server.connect("locks")) {
                  lane.connection(Server.id(connection));
                  update(connection, 2);
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      awaitWaiting(2, Duration.ofSeconds(3));
      awaitRead(throttles.measures().locks());
      assertInstanceOf(Verdict.Go.class, pace.next(limits));
      stranger.commit();
      chunk.commit();
      CompletableFuture.allOf(waiter, ownLane).get();
    }
  }

  /** Waits until a number of transactions have waited for a time, by the server's clock. */
  private static void awaitWaiting(int count, Duration atLeast) {
    Awaitility.await(count + " to wait for locks for " + atLeast)
        .atMost(Asking.PATIENCE)
        // InnoDB repeats its result for 100 ms.
        .pollInterval(Duration.ofMillis(200))
        .until(
            () ->
                admin.number(
                        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE"
                            + " trx_wait_started <= CONVERT_TZ(UTC_TIMESTAMP(), '+00:00',"
                            + " 'SYSTEM') - INTERVAL "
                            + atLeast.toSeconds()
                            + " SECOND")
                    == count);
  }
}
