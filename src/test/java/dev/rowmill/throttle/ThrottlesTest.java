package dev.rowmill.throttle;

import static dev.rowmill.throttle.Asking.awaitGo;
import static dev.rowmill.throttle.Asking.awaitRead;
import static dev.rowmill.throttle.Asking.awaitWait;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the main server's own numbers close and open again. */
@BesideOthers
class ThrottlesTest {

  private static final Duration OFF = Duration.ZERO;

  private static TestServer server;
  private static Server admin;

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<Throttles> begun = new ArrayList<>();

  @BeforeAll
  static void start_server() {
    server = new TestServer().start();
    admin = new Server(server);
  }

  @AfterAll
  static void stop_server() {
    server.close();
  }

  @AfterEach
  void end() {
    begun.forEach(Throttles::end);
  }

  private Throttles throttles(String... settings) {
    return throttles(server.user(), server.password(), settings);
  }

  private Throttles throttles(String user, String password, String... settings) {
    var throttles =
        new Throttles(Settings.of(settings), Settings.database(server, user, password), metrics);
    begun.add(throttles);
    return throttles;
  }

  private static final Thresholds IGNORED = new Thresholds(OFF, 0, 0, OFF, 0, OFF, null, 0, true);

  private static Thresholds threads(int limit, int critical) {
    return new Thresholds(OFF, limit, critical, OFF, 0, OFF, null, 0, false);
  }

  @Test
  void the_defaults_are_as_documented() {
    assertEquals(
        new Thresholds(
            Duration.ofMillis(1500),
            25,
            100,
            Duration.ofMillis(100),
            1_000_000,
            Duration.ofSeconds(1),
            null,
            0,
            false),
        throttles().defaults());
  }

  @Test
  void an_idle_server_opens_and_is_sampled() {
    Throttles throttles = throttles();
    try (Pace pace = throttles.begin()) {
      assertInstanceOf(Verdict.Go.class, pace.next(throttles.defaults()), "the first at once");
      assertTrue(awaitRead(throttles.measures().threads()) >= 1);
      awaitRead(throttles.measures().history());
      awaitRead(throttles.measures().locks());
      assertInstanceOf(Verdict.Go.class, pace.next(throttles.defaults()));
      assertTrue(metrics.get("rowmill.throttle.threads.running").gauge().value() >= 1);
      assertTrue(metrics.get("rowmill.throttle.history.length").gauge().value() >= 0);
    }
  }

  @Test
  void a_busy_server_closes_until_it_is_idle() throws Exception {
    Throttles throttles = throttles();
    try (Pace pace = throttles.begin()) {
      try (Crowd crowd = new Crowd(server, 30)) {
        awaitWait(
            pace,
            throttles.defaults(),
            Reason.THREADS_RUNNING,
            "the server runs 3\\d threads; limit 25");
        assertInstanceOf(Verdict.Wait.class, pace.next(threads(25, 100)));
        assertInstanceOf(Verdict.Go.class, pace.next(threads(50, 100)), "changed while it runs");
      }
      awaitGo(pace, throttles.defaults());
    }
  }

  @Test
  void a_load_above_the_critical_limit_fails_the_batch() throws Exception {
    Throttles throttles = throttles();
    try (Crowd crowd = new Crowd(server, 30);
        Pace pace = throttles.begin()) {
      Thresholds limits = threads(20, 28);
      Verdict verdict =
          Awaitility.await("the batch to fail")
              .atMost(Asking.PATIENCE)
              .until(() -> pace.next(limits), Verdict.Fail.class::isInstance);
      var fail = (Verdict.Fail) verdict;
      assertEquals(Reason.THREADS_RUNNING, fail.reason());
      assertTrue(
          fail.detail().matches("the server runs 3\\d threads; critical limit 28"), fail::detail);
    }
  }

  @Test
  void the_running_chunks_of_this_node_count_as_none() throws Exception {
    Throttles throttles = throttles();
    List<Pace> lanes = new ArrayList<>();
    try (Pace other = throttles.begin();
        Crowd chunks = new Crowd(server, 8)) {
      for (int i = 0; i < 8; i++) {
        lanes.add(throttles.begin());
        lanes.get(i).next(IGNORED);
      }
      assertInstanceOf(Verdict.Go.class, other.next(threads(5, 0)));
      other.chunkDone(0, Duration.ZERO, Duration.ZERO);
      double read = awaitRead(throttles.measures().threads());
      assertTrue(read < 5, () -> "runs " + read);
      assertEquals(read - 1, other.othersRunning());
      lanes.get(0).close();
      lanes.subList(1, 8).forEach(lane -> lane.chunkDone(1, Duration.ZERO, Duration.ZERO));
      awaitWait(
          other, threads(5, 0), Reason.THREADS_RUNNING, "the server runs (8|9) threads; limit 5");
    } finally {
      lanes.forEach(Pace::close);
    }
  }

  @Test
  void a_batch_that_ignores_the_throttles_runs_without_queries() throws Exception {
    Throttles throttles = throttles();
    Thresholds d = throttles.defaults();
    var ignoring =
        new Thresholds(d.replicaLag(), 1, 2, d.commitLatency(), 1, d.lockWait(), 1L, 100, true);
    try (Crowd crowd = new Crowd(server, 5);
        Pace pace = throttles.begin();
        Pace other = throttles.begin()) {
      for (int chunk = 0; chunk < 3; chunk++) {
        assertInstanceOf(Verdict.Go.class, pace.next(ignoring));
        pace.chunkDone(1000, Duration.ofSeconds(9), Duration.ofSeconds(9));
      }
      assertTrue(!throttles.measures().threads().isWanted(System.nanoTime()));
      assertTrue(Double.isNaN(metrics.get("rowmill.throttle.threads.running").gauge().value()));
      awaitWait(other, threads(3, 0), Reason.THREADS_RUNNING, "the server runs .*; limit 3");
      assertInstanceOf(Verdict.Go.class, pace.next(ignoring));
    }
  }

  @Test
  void a_long_history_closes_until_it_is_purged() throws Exception {
    admin.run(
        "CREATE DATABASE IF NOT EXISTS history",
        "CREATE TABLE history.t (id INT PRIMARY KEY, n INT) ENGINE = InnoDB",
        "INSERT INTO history.t VALUES (1, 0)");
    Throttles throttles = throttles();
    try (Pace pace = throttles.begin();
        Connection reader = server.connect("history");
        Statement read = reader.createStatement()) {
      pace.next(throttles.defaults());
      long limit = (long) awaitRead(throttles.measures().history()) + 100;
      var limits = new Thresholds(OFF, 0, 0, OFF, limit, OFF, null, 0, false);
      awaitGo(pace, limits);
      read.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
      for (int i = 0; i < 300; i++) {
        admin.run("UPDATE history.t SET n = n + 1");
      }
      awaitWait(
          pace,
          limits,
          Reason.HISTORY_LENGTH,
          "InnoDB's history list has \\d+ entries; limit " + limit);
      read.execute("COMMIT");
      awaitGo(pace, limits);
    }
  }

  @Test
  void an_unavailable_server_closes_and_its_return_opens() {
    Throttles throttles = throttles();
    try (Pace pace = throttles.begin()) {
      Thresholds limits = throttles.defaults();
      pace.next(limits);
      awaitRead(throttles.measures().threads());
      server.kill();
      try {
        awaitWait(
            pace,
            limits,
            Reason.THREADS_RUNNING,
            "the number of running threads can't be read: .*;"
                + " ignoreThrottle lets the batch run anyway");
      } finally {
        server.start();
      }
      awaitGo(pace, limits);
    }
  }

  @Test
  void lanes_of_a_batch_share_its_rows_per_second_and_those_of_another_do_not() {
    Throttles throttles = throttles();
    var limits = new Thresholds(OFF, 0, 0, OFF, 0, OFF, 10L, 0, false);
    try (Pace first = throttles.begin();
        Pace second = first.another();
        Pace stranger = throttles.begin()) {
      assertInstanceOf(Verdict.Go.class, first.next(limits));
      first.chunkDone(1000, Duration.ofMillis(10), Duration.ofMillis(1));
      for (Pace lane : List.of(first, second)) {
        var wait = assertInstanceOf(Verdict.Wait.class, lane.next(limits));
        assertEquals(Reason.ROWS_PER_SECOND, wait.reason());
        assertTrue(wait.detail().endsWith("; limit 10 rows per second"), wait::detail);
        assertTrue(wait.pause().toSeconds() > 10 && wait.pause().toSeconds() <= 100);
      }
      assertInstanceOf(Verdict.Go.class, stranger.next(limits));
    }
  }

  @Test
  void the_pauses_of_a_lane_depend_on_its_own_chunks() {
    Throttles throttles = throttles();
    var nice = new Thresholds(OFF, 0, 0, OFF, 0, OFF, null, 0.5, false);
    var commits = new Thresholds(OFF, 0, 0, Duration.ofMillis(100), 0, OFF, null, 0, false);
    try (Pace pace = throttles.begin()) {
      assertInstanceOf(Verdict.Go.class, pace.next(nice));
      pace.chunkDone(1, Duration.ofHours(2), Duration.ofMillis(400));
      var rest = assertInstanceOf(Verdict.Wait.class, pace.next(nice));
      assertEquals(Reason.NICE, rest.reason());
      assertTrue(rest.pause().toMinutes() >= 50 && rest.pause().toMinutes() <= 60, rest::toString);
      assertEquals("pause of 0.5 times the duration of the last chunk, 7200.0 s", rest.detail());
      var pause = assertInstanceOf(Verdict.Wait.class, pace.next(commits));
      assertEquals(Reason.COMMIT_LATENCY, pause.reason());
      assertEquals("commits take 400 ms; limit 100 ms", pause.detail());
      assertTrue(pause.pause().toMillis() <= 800, pause::toString);
      awaitGo(pace, commits);
      pace.chunkDone(1, Duration.ZERO, Duration.ofMillis(5));
      assertInstanceOf(Verdict.Go.class, pace.next(commits));
    }
  }

  @Test
  void a_closed_pace_requests_no_samples() throws SQLException {
    Throttles throttles = throttles();
    try (Pace pace = throttles.begin()) {
      pace.next(throttles.defaults());
      awaitRead(throttles.measures().threads());
    }
    Awaitility.await("the sampler to rest")
        .atMost(Asking.PATIENCE)
        .until(() -> !throttles.measures().threads().isWanted(System.nanoTime()));
    assertTrue(Double.isNaN(metrics.get("rowmill.throttle.threads.running").gauge().value()));
  }
}
