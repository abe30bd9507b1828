package dev.rowmill.doctor;

import dev.rowmill.database.ErrorText;
import dev.rowmill.throttle.ThrottleCheck;
import dev.rowmill.throttle.ThrottleCheck.ReplicaReading;
import dev.rowmill.throttle.ThrottleConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Checks the replicas whose lag slows batches down. Stateless. */
final class ReplicaChecks {

  private ReplicaChecks() {}

  static List<Finding> of(ThrottleConfig config) {
    return ThrottleCheck.readReplicas(config).stream()
        .map(reading -> finding(reading, config))
        .toList();
  }

  private static Finding finding(ReplicaReading reading, ThrottleConfig config) {
    String check = "replica";
    SQLException error = reading.error();
    if (error != null) {
      String found = reading.address() + ": its lag can't be read: " + ErrorText.of(error);
      String advice = advice(reading, error, config);
      return config.replicaLag().isZero()
          ? Finding.warning(check, found, advice)
          : Finding.error(check, found + ". Batches wait", advice);
    }
    Duration behind = Duration.ofMillis((long) (reading.seconds() * 1000));
    String found =
        String.format(Locale.ROOT, "%s is %.1f s behind", reading.address(), reading.seconds());
    return config.replicaLag().isZero() || behind.compareTo(config.replicaLag()) <= 0
        ? Finding.ok(check, found)
        : Finding.warning(
            check,
            found + ", so batches wait",
            "Wait until it has caught up, or raise rowmill.throttle.replica-lag.");
  }

  private static String advice(ReplicaReading reading, SQLException error, ThrottleConfig config) {
    String account = reading.account();
    if (account == null) {
      return "Start the replica, or correct rowmill.throttle.replicas, replica-username and"
          + " replica-password.";
    }
    if (!ThrottleCheck.isRefusal(error)) {
      return "Run START REPLICA on it, or remove it from rowmill.throttle.replicas.";
    }
    return config
        .heartbeatTable()
        .map(table -> new Account(account).grant("SELECT", table))
        .orElseGet(
            () ->
                new Account(account)
                    .grant(reading.mariaDb() ? "REPLICA MONITOR" : "REPLICATION CLIENT", "*.*"));
  }
}
