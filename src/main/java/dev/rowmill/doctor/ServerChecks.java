package dev.rowmill.doctor;

import dev.rowmill.database.DatabaseClock;
import dev.rowmill.database.Rows;
import io.smallrye.config.SmallRyeConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks the server as a whole: its version, whether it is in a cluster, its clock. Stateless. */
final class ServerChecks {

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private static final Duration SMALL = Duration.ofSeconds(1);
  private static final Duration LARGE = Duration.ofSeconds(30);

  private ServerChecks() {}

  static Finding version(Connection connection) throws SQLException {
    return version(Rows.first(connection, "SELECT VERSION()", row -> row.getString(1)).orElse(""));
  }

  /** Checks a version as the server shows it, such as {@code 10.11.6-MariaDB}. */
  static Finding version(String version) {
    boolean mariaDb = version.contains("MariaDB");
    String name = mariaDb ? version : "MySQL " + version;
    Matcher numbers = VERSION.matcher(version);
    if (!numbers.matches()) {
      return Finding.warning(
          "server-version", "unknown: " + name, "The supported servers are in docs/databases.md.");
    }
    int release = 1000 * Integer.parseInt(numbers.group(1)) + Integer.parseInt(numbers.group(2));
    return release >= (mariaDb ? 10_006 : 8_000)
        ? Finding.ok("server-version", name)
        : Finding.error(
            "server-version",
            name + " is not supported",
            "Upgrade to " + (mariaDb ? "MariaDB 10.6" : "MySQL 8.0") + " or newer.");
  }

  /** Checks what matters on a server of Galera or of MySQL's Group Replication. */
  static List<Finding> cluster(Connection connection, SmallRyeConfig config) throws SQLException {
    Map<String, String> variables =
        Variables.global(
            connection,
            "wsrep_on",
            "wsrep_cluster_name",
            "binlog_format",
            "innodb_autoinc_lock_mode",
            "group_replication_group_name",
            "group_replication_single_primary_mode");
    List<Finding> findings = new ArrayList<>();
    String check = "server-cluster";
    if ("ON".equals(variables.get("wsrep_on"))) {
      boolean nodes = isInClusterMode(config);
      findings.add(
          Finding.ok(
              check,
              "Galera, "
                  + variables.get("wsrep_cluster_name")
                  + (nodes ? "" : ": run one instance of Rowmill only, or use cluster mode")));
      require(findings, variables, "binlog_format", "ROW");
      require(findings, variables, "innodb_autoinc_lock_mode", "2");
    } else if (!variables.getOrDefault("group_replication_group_name", "").isEmpty()) {
      findings.add(
          "OFF".equals(variables.get("group_replication_single_primary_mode"))
              ? Finding.warning(
                  check,
                  "Group Replication with several primaries, which is not tested",
                  "SELECT group_replication_switch_to_single_primary_mode();")
              : Finding.ok(check, "Group Replication with one primary"));
    } else {
      findings.add(Finding.ok(check, "none: neither Galera nor Group Replication"));
    }
    return findings;
  }

  private static void require(
      List<Finding> findings, Map<String, String> variables, String name, String value) {
    String is = variables.getOrDefault(name, value);
    if (!is.equals(value)) {
      findings.add(
          Finding.warning(
              name,
              name + " is " + is + ", but Galera needs " + value,
              "Set "
                  + name
                  + "="
                  + value
                  + " in the configuration of each server, and restart"
                  + " them one by one."));
    }
  }

  /** Compares the server's clock with that of this machine. */
  static Finding clock(Connection connection, Clock clock, SmallRyeConfig config)
      throws SQLException {
    Duration ahead = DatabaseClock.ahead(connection, clock);
    String check = "clock";
    String found =
        String.format(
            Locale.ROOT,
            "the server's is %.1f s %s that of this machine",
            ahead.abs().toMillis() / 1e3,
            ahead.isNegative() ? "behind" : "ahead of");
    if (ahead.abs().compareTo(SMALL) <= 0) {
      return Finding.ok(check, found);
    }
    String advice = "Run chrony or systemd-timesyncd on both machines.";
    // In cluster mode all times are the database's.
    return ahead.abs().compareTo(LARGE) <= 0 || isInClusterMode(config)
        ? Finding.warning(check, found, advice)
        : Finding.error(check, found, advice);
  }

  private static boolean isInClusterMode(SmallRyeConfig config) {
    return config.getOptionalValue("rowmill.cluster.enabled", Boolean.class).orElse(false);
  }
}
