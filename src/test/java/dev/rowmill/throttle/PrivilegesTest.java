package dev.rowmill.throttle;

import static dev.rowmill.throttle.Asking.awaitGo;
import static dev.rowmill.throttle.Asking.awaitRead;
import static dev.rowmill.throttle.Asking.awaitWait;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An account that may do no more than change its tables. */
@BesideOthers
class PrivilegesTest {

  private static final String ACCOUNT = "'few'@'127.0.0.1'";
  private static final String UNREAD = " can't be read: .*";
  private static final String LOCKS_UNREAD = "the lock waits of others" + UNREAD;

  private static TestServer server;
  private static Server admin;
  private static boolean mariaDb;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void start_server() throws SQLException {
    server = new TestServer().start();
    admin = new Server(server);
    mariaDb = admin.isMariaDb();
  }

  @AfterAll
  static void stop_server() {
    server.close();
  }

  @BeforeEach
  void create_account() throws SQLException {
    admin.run(
        "CREATE USER " + ACCOUNT + " IDENTIFIED BY 'few'", "GRANT ALL ON few.* TO " + ACCOUNT);
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable it : open) {
      it.close();
    }
    admin.run("DROP USER " + ACCOUNT);
  }

  private Throttles throttles(TestServer of, String... settings) {
    var throttles =
        new Throttles(
            Settings.of(settings), Settings.database(of, "few", "few"), new SimpleMeterRegistry());
    open.add(throttles::end);
    return throttles;
  }

  /** Creates a lane with a connection; without one, lock waits are not queried. */
  private Pace begin(Throttles throttles) throws SQLException {
    Pace pace = throttles.begin();
    open.add(0, pace);
    Connection chunk = server.connect("");
    open.add(chunk);
    pace.connection(Server.id(chunk));
    return pace;
  }

  private static void awaitFailed(Measure measure) {
    Awaitility.await(measure.name() + " to be refused")
        .atMost(Asking.PATIENCE)
        .until(measure::sample, Sample.Failed.class::isInstance);
  }

  @Test
  void a_default_that_may_not_be_read_is_left_out_with_one_warning() throws SQLException {
    try (Warnings warnings = new Warnings(SampleRule.class)) {
      Throttles throttles = throttles(server);
      Pace pace = begin(throttles);
      pace.next(throttles.defaults());
      awaitFailed(throttles.measures().locks());
      if (mariaDb) {
        awaitRead(throttles.measures().history());
      } else {
        awaitFailed(throttles.measures().history());
      }
      assertInstanceOf(Verdict.Go.class, pace.next(throttles.defaults()));
      assertInstanceOf(Verdict.Go.class, begin(throttles).next(throttles.defaults()));
      assertTrue(awaitRead(throttles.measures().threads()) >= 1, "this needs no privilege");

      assertEquals(mariaDb ? 1 : 2, warnings.texts().size(), warnings.texts()::toString);
      for (String text : warnings.texts()) {
        assertTrue(text.contains("GRANT PROCESS ON *.*"), text);
        assertTrue(text.contains("denied"), text);
      }
    }
  }

  @Test
  void a_configured_limit_is_closed_until_the_grant_exists() throws SQLException {
    Throttles throttles = throttles(server, "lock-wait", "1s", "threads-running", "0");
    Pace pace = begin(throttles);
    awaitWait(
        pace,
        throttles.defaults(),
        Reason.LOCK_WAIT,
        LOCKS_UNREAD + "denied.*; ignoreThrottle lets the batch run anyway");
    admin.run("GRANT PROCESS ON *.* TO " + ACCOUNT);
    if (!mariaDb) {
      awaitWait(pace, throttles.defaults(), Reason.LOCK_WAIT, LOCKS_UNREAD + "data_lock_waits.*");
      admin.run("GRANT SELECT ON performance_schema.data_lock_waits TO " + ACCOUNT);
    }
    awaitRead(throttles.measures().locks());
    awaitGo(pace, throttles.defaults());
  }

  @Test
  void a_configured_history_limit_is_closed_without_its_privilege() throws SQLException {
    Throttles throttles = throttles(server, "history-length", "1000000");
    Pace pace = begin(throttles);
    pace.next(throttles.defaults());
    if (!mariaDb) {
      awaitWait(
          pace,
          throttles.defaults(),
          Reason.HISTORY_LENGTH,
          "the length of InnoDB's history" + UNREAD);
      admin.run("GRANT PROCESS ON *.* TO " + ACCOUNT);
    }
    awaitRead(throttles.measures().history());
    awaitGo(pace, throttles.defaults());
  }

  @Test
  void a_limit_requested_by_a_batch_is_closed_too() throws SQLException {
    Throttles throttles = throttles(server);
    Thresholds d = throttles.defaults();
    var asking =
        new Thresholds(
            d.replicaLag(),
            d.threadsRunning(),
            d.threadsRunningCritical(),
            d.commitLatency(),
            d.historyLength(),
            Duration.ofSeconds(2),
            null,
            0,
            false);
    Pace pace = begin(throttles);
    awaitWait(pace, asking, Reason.LOCK_WAIT, LOCKS_UNREAD);
    assertInstanceOf(Verdict.Go.class, pace.next(d));
  }

  @Test
  void a_mysql_without_its_performance_schema_is_detected() throws SQLException {
    assumeFalse(mariaDb, "MariaDB reports lock waits without it");
    try (TestServer bare = new TestServer("--performance-schema=OFF").start()) {
      var all = new Server(bare);
      all.run(
          "CREATE USER " + ACCOUNT + " IDENTIFIED BY 'few'",
          "GRANT PROCESS ON *.* TO " + ACCOUNT,
          "GRANT SELECT ON performance_schema.* TO " + ACCOUNT);
      Throttles asking = throttles(bare, "lock-wait", "1s");
      Pace pace = asking.begin();
      pace.connection(1);
      awaitWait(
          pace,
          asking.defaults(),
          Reason.LOCK_WAIT,
          LOCKS_UNREAD + "the server runs without performance_schema.*");
      pace.close();
      Throttles silent = throttles(bare);
      try (Pace other = silent.begin()) {
        other.connection(1);
        other.next(silent.defaults());
        awaitFailed(silent.measures().locks());
        assertTrue(awaitRead(silent.measures().threads()) >= 1);
        assertInstanceOf(Verdict.Go.class, other.next(silent.defaults()));
      }
    }
  }
}
