package dev.rowmill.throttle;

import static dev.rowmill.throttle.Asking.awaitGo;
import static dev.rowmill.throttle.Asking.awaitRead;
import static dev.rowmill.throttle.Asking.awaitWait;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.BesideOthers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests a heartbeat table of pt-heartbeat, written on the source and read on the replica. */
@BesideOthers
class HeartbeatThrottleTest {

  private static final Duration OFF = Duration.ZERO;
  private static final String UTC = "UTC_TIMESTAMP(6)";

  private static Replication replication;

  private final Thresholds limits =
      new Thresholds(Duration.ofMillis(1500), 0, 0, OFF, 0, OFF, null, 0, false);

  @BeforeAll
  static void start_the_servers() throws SQLException {
    replication = new Replication();
  }

  @AfterAll
  static void stop_the_servers() {
    replication.close();
  }

  @BeforeEach
  void create_table() throws SQLException {
    replication.onSource.run(
        "CREATE DATABASE IF NOT EXISTS percona",
        "DROP TABLE IF EXISTS percona.heartbeat",
        """
        CREATE TABLE percona.heartbeat (
          ts varchar(26) NOT NULL,
          server_id int unsigned NOT NULL PRIMARY KEY,
          file varchar(255) DEFAULT NULL,
          position bigint unsigned DEFAULT NULL,
          relay_source_log_file varchar(255) DEFAULT NULL,
          exec_source_log_pos bigint unsigned DEFAULT NULL)
        """);
  }

  private static void beat(int server, String time) throws SQLException {
    replication.onSource.run(
        "REPLACE INTO percona.heartbeat (ts, server_id) VALUES (DATE_FORMAT("
            + time
            + ", '%Y-%m-%dT%H:%i:%s.%f'), "
            + server
            + ")");
  }

  private static Throttles throttles(String table) {
    return new Throttles(
        Settings.of(
            "replicas",
            replication.replica.url(""),
            "replica-username",
            replication.replica.user(),
            "replica-password",
            replication.replica.password(),
            "heartbeat-table",
            table),
        Settings.database(
            replication.source, replication.source.user(), replication.source.password()),
        new SimpleMeterRegistry());
  }

  private void assertClosed(String table, String why) {
    Throttles throttles = throttles(table);
    try (Pace pace = throttles.begin()) {
      awaitWait(pace, limits, Reason.REPLICA_LAG, "replica .* can't be read: .*" + why + ".*");
    } finally {
      throttles.end();
    }
  }

  @Test
  void a_replicated_heartbeat_opens_and_a_missing_one_closes() throws Exception {
    // A row of the former source, as after a failover.
    beat(7, "UTC_TIMESTAMP(6) - INTERVAL 1 YEAR");
    Throttles throttles = throttles("percona.heartbeat");
    try (Pace pace = throttles.begin();
        Heart heart = new Heart()) {
      pace.next(limits);
      awaitGo(pace, limits);
      assertTrue(awaitRead(throttles.measures().replicas().get(0)) < 60);
      replication.stopApplying();
      try {
        awaitWait(
            pace, limits, Reason.REPLICA_LAG, "replica .* is \\d+\\.\\d s behind; limit 1\\.5 s");
      } finally {
        replication.startApplying();
      }
      awaitGo(pace, limits);
    } finally {
      throttles.end();
    }
  }

  @Test
  void no_heartbeat_at_all_closes() {
    assertClosed("percona.heartbeat", "contains no heartbeat");
  }

  @Test
  void a_heartbeat_of_another_time_zone_closes() throws SQLException {
    beat(1, "UTC_TIMESTAMP(6) + INTERVAL 2 HOUR");
    assertClosed("percona.heartbeat", "ahead of its clock.*pt-heartbeat runs without --utc");
  }

  @Test
  void a_missing_table_closes() {
    assertClosed("percona.nothing", "nothing");
  }

  @Test
  void an_invalid_name_closes() {
    assertClosed("heartbeat", "must be schema\\.table");
    assertClosed("a.b` WHERE 1", "must be schema\\.table");
  }

  /** Writes a heartbeat ten times a second. */
  private static final class Heart implements AutoCloseable {
    private static final int MILLIS = 100;
    private final Thread thread = new Thread(this::run, "heart");

    Heart() throws SQLException {
      beat(1, UTC);
      thread.start();
    }

    private void run() {
      try {
        while (true) {
          beat(1, UTC);
          Thread.sleep(MILLIS);
        }
      } catch (InterruptedException | SQLException e) {
        // The heartbeats have lasted long enough.
      }
    }

    @Override
    public void close() throws InterruptedException {
      thread.interrupt();
      thread.join();
    }
  }
}
