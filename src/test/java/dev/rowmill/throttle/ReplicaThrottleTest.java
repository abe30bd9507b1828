package dev.rowmill.throttle;

import static dev.rowmill.throttle.Asking.awaitGo;
import static dev.rowmill.throttle.Asking.awaitRead;
import static dev.rowmill.throttle.Asking.awaitWait;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.BesideOthers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests a real replica: caught up, behind, stopped, unavailable, and available again. */
@BesideOthers
class ReplicaThrottleTest {

  private static final Duration OFF = Duration.ZERO;
  private static final String WAY_OUT = "; ignoreThrottle lets the batch run anyway";

  private static Replication replication;
  private static String name;

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Thresholds limits = limits(Duration.ofMillis(1500));
  private @Nullable Throttles throttles;

  @BeforeAll
  static void start_the_servers() throws SQLException {
    replication = new Replication();
    name = "replica 127\\.0\\.0\\.1:" + replication.replica.port();
  }

  @AfterAll
  static void stop_the_servers() {
    replication.close();
  }

  @AfterEach
  void end() {
    if (throttles != null) {
      throttles.end();
    }
  }

  private static Thresholds limits(Duration lag) {
    return new Thresholds(lag, 0, 0, OFF, 0, OFF, null, 0, false);
  }

  private Throttles throttles(String... settings) {
    throttles =
        new Throttles(
            settings(settings),
            Settings.database(
                replication.source, replication.source.user(), replication.source.password()),
            metrics);
    return throttles;
  }

  private static ThrottleConfig settings(String... settings) {
    String[] all = new String[settings.length + 6];
    System.arraycopy(settings, 0, all, 6, settings.length);
    all[0] = "replicas";
    all[1] = replication.replica.url("");
    all[2] = "replica-username";
    all[3] = replication.replica.user();
    all[4] = "replica-password";
    all[5] = replication.replica.password();
    return Settings.of(all);
  }

  /** Returns a pace that has let a chunk go because the replica has caught up. */
  private Pace caughtUp(Throttles throttles) {
    Pace pace = throttles.begin();
    awaitGo(pace, limits);
    throttles.measures().replicas().forEach(Asking::awaitRead);
    awaitGo(pace, limits);
    return pace;
  }

  @Test
  void a_replica_that_has_caught_up_opens() throws SQLException {
    replication.change();
    replication.awaitCaughtUp();
    try (Pace pace = caughtUp(throttles())) {
      double lag =
          metrics
              .get("rowmill.throttle.replica.lag.seconds")
              .tag("replica", "127.0.0.1:" + replication.replica.port())
              .gauge()
              .value();
      assertEquals(0, lag, 1);
    }
  }

  @Test
  void the_lag_of_a_replica_is_read_without_a_service() throws SQLException {
    replication.awaitCaughtUp();
    ThrottleCheck.ReplicaReading reading = ThrottleCheck.readReplicas(settings()).get(0);
    assertEquals("127.0.0.1:" + replication.replica.port(), reading.address());
    assertEquals(replication.replica.user() + "@127.0.0.1", reading.account());
    assertNull(reading.error());
    assertEquals(0, reading.seconds(), 1);
    replication.stopApplying();
    try {
      SQLException stopped = ThrottleCheck.readReplicas(settings()).get(0).error();
      assertNotNull(stopped);
      assertTrue(stopped.getMessage().contains("SQL thread: No"), stopped.getMessage());
      assertFalse(ThrottleCheck.isRefusal(stopped));
    } finally {
      replication.startApplying();
    }
  }

  @Test
  void a_replica_that_falls_behind_closes_until_it_has_caught_up() throws SQLException {
    try (Pace pace = caughtUp(throttles())) {
      try (Connection holder = replication.replica.connect("app");
          Statement lock = holder.createStatement()) {
        lock.execute("LOCK TABLES t READ");
        replication.change();
        awaitWait(
            pace, limits, Reason.REPLICA_LAG, name + " is \\d+\\.\\d s behind; limit 1\\.5 s");
        assertInstanceOf(
            Verdict.Go.class, pace.next(limits(Duration.ofHours(1))), "changed while it runs");
        lock.execute("UNLOCK TABLES");
      }
      awaitGo(pace, limits);
      replication.awaitCaughtUp();
    }
  }

  @Test
  void a_replica_that_is_stopped_closes_until_it_is_started() throws SQLException {
    try (Pace pace = caughtUp(throttles())) {
      replication.stopApplying();
      try {
        replication.change();
        awaitWait(
            pace,
            limits,
            Reason.REPLICA_LAG,
            name
                + " can't be read: it does not report its lag"
                + " \\(IO thread: Yes, SQL thread: No\\)"
                + WAY_OUT);
      } finally {
        replication.startApplying();
      }
      awaitGo(pace, limits);
    }
  }

  @Test
  void an_unavailable_replica_closes_until_it_is_back() throws SQLException {
    try (Pace pace = caughtUp(throttles())) {
      replication.replica.kill();
      try {
        awaitWait(pace, limits, Reason.REPLICA_LAG, name + " can't be read: .*" + WAY_OUT);
      } finally {
        replication.replica.start();
      }
      awaitGo(pace, limits);
    }
    replication.awaitCaughtUp();
  }

  @Test
  void the_largest_lag_of_several_sources_counts() throws SQLException {
    try (Pace pace = caughtUp(throttles())) {
      replication.follow("second", "127.0.0.2");
      try {
        awaitWait(
            pace,
            limits,
            Reason.REPLICA_LAG,
            name + " can't be read: .*\\(IO thread: No, SQL thread: No\\).*");
      } finally {
        replication.forget("second");
      }
      awaitGo(pace, limits);
    }
  }

  @Test
  void one_of_several_replicas_closes_and_is_named_without_its_password() {
    String unavailable = "jdbc:mysql://somebody:secret@127.0.0.1:1/?password=secret";
    try (Pace pace =
        throttles("replicas", replication.replica.url("") + "," + unavailable).begin()) {
      Verdict.Wait wait =
          awaitWait(
              pace, limits, Reason.REPLICA_LAG, "replica 127\\.0\\.0\\.1:1 can't be read: .*");
      assertTrue(!wait.detail().contains("secret"), wait::detail);
    }
  }

  @Test
  void a_server_that_is_not_a_replica_is_reported() {
    try (Pace pace = throttles("replicas", replication.source.url("")).begin()) {
      awaitWait(pace, limits, Reason.REPLICA_LAG, ".*can't be read: it has no source.*");
    }
  }

  @Test
  void an_invalid_url_is_reported_without_showing_it() {
    try (Pace pace = throttles("replicas", "jdbc:mariadb://u:secret@127.0.0.1/").begin()) {
      Verdict.Wait wait =
          awaitWait(
              pace,
              limits,
              Reason.REPLICA_LAG,
              "replica number 1 of rowmill.throttle.replicas can't be read: its URL is not .*");
      assertTrue(!wait.detail().contains("secret"), wait::detail);
    }
  }

  @Test
  void an_account_without_the_privilege_closes_until_it_has_it() throws SQLException {
    replication.onReplica.run("CREATE USER 'few'@'127.0.0.1' IDENTIFIED BY 'few'");
    Throttles few = throttles("replica-username", "few", "replica-password", "few");
    try (Pace pace = few.begin()) {
      awaitWait(pace, limits, Reason.REPLICA_LAG, name + " can't be read: Access denied.*");
      replication.onReplica.run(
          "GRANT "
              + (replication.mariaDb ? "REPLICA MONITOR" : "REPLICATION CLIENT")
              + " ON *.* TO 'few'@'127.0.0.1'");
      awaitRead(few.measures().replicas().get(0));
      awaitGo(pace, limits);
    } finally {
      replication.onReplica.run("DROP USER 'few'@'127.0.0.1'");
    }
  }

  @Test
  void an_account_in_the_url_precedes_the_configured_one() throws SQLException {
    replication.onReplica.run(
        "CREATE USER 'own'@'127.0.0.1' IDENTIFIED BY 'o'", "GRANT ALL ON *.* TO 'own'@'127.0.0.1'");
    String url = replication.replica.url("");
    try {
      for (String own : List.of(url.replace("//", "//own:o@"), url + "&user=own&password=o")) {
        Throttles named =
            throttles("replicas", own, "replica-username", "nobody", "replica-password", "x");
        caughtUp(named).close();
        named.end();
      }
    } finally {
      replication.onReplica.run("DROP USER 'own'@'127.0.0.1'");
    }
  }

  @Test
  void the_connection_to_an_unused_replica_is_closed() throws SQLException {
    String connections =
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'watcher'";
    replication.onReplica.run(
        "CREATE USER 'watcher'@'127.0.0.1' IDENTIFIED BY 'w'",
        "GRANT ALL ON *.* TO 'watcher'@'127.0.0.1'");
    try {
      try (Pace pace =
          caughtUp(throttles("replica-username", "watcher", "replica-password", "w"))) {
        assertEquals(1, replication.onReplica.number(connections), "one remains open");
      }
      Awaitility.await("the connection to be closed")
          .atMost(Asking.PATIENCE)
          .until(() -> replication.onReplica.number(connections) == 0);
    } finally {
      replication.onReplica.run("DROP USER 'watcher'@'127.0.0.1'");
    }
  }
}
