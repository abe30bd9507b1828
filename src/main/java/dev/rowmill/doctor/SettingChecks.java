package dev.rowmill.doctor;

import dev.rowmill.database.Rows;
import io.smallrye.config.SmallRyeConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks the settings of the server that matter to Rowmill. For one thread. */
final class SettingChecks {

  private static final long TESTED_PACKET = 1024 * 1024;

  /** Is the number of connections beyond two for each thread of the pool. */
  private static final int SPARE_CONNECTIONS = 10;

  private final Map<String, String> server;
  private final List<Finding> findings = new ArrayList<>();

  private SettingChecks(Map<String, String> server) {
    this.server = server;
  }

  static List<Finding> of(Connection connection, SmallRyeConfig config) throws SQLException {
    SettingChecks checks =
        new SettingChecks(
            Variables.global(
                connection,
                "binlog_format",
                "enforce_storage_engine",
                "innodb_flush_log_at_trx_commit",
                "innodb_read_only",
                "log_bin",
                "max_allowed_packet",
                "max_connections",
                "read_only",
                "super_read_only",
                "system_time_zone",
                "time_zone"));
    checks.writes();
    checks.connections(connection, config);
    checks.binaryLog();
    checks.durability();
    checks.packet();
    checks.engine();
    checks.zone();
    return checks.findings;
  }

  private String value(String name) {
    return server.getOrDefault(name, "");
  }

  /** Returns whether a variable is on. Newer versions of MariaDB have other values than ON. */
  private boolean isOn(String name) {
    return !List.of("", "OFF", "0").contains(value(name));
  }

  private void writes() {
    for (String name : List.of("super_read_only", "read_only", "innodb_read_only")) {
      if (isOn(name)) {
        findings.add(
            Finding.error(
                name,
                name + " is " + value(name) + ", so Rowmill does not start",
                "Name the primary in QUARKUS_DATASOURCE_JDBC_URL, or on this server: "
                    + (name.equals("innodb_read_only")
                        ? "set it to OFF, and restart."
                        : "SET GLOBAL " + name + " = OFF;")));
        return;
      }
    }
    findings.add(Finding.ok("read_only", "the server accepts writes"));
  }

  private void connections(Connection connection, SmallRyeConfig config) throws SQLException {
    long needed =
        config.getValue("quarkus.datasource.jdbc.max-size", Integer.class)
            + Math.max(
                config.getValue("quarkus.datasource.data.jdbc.max-size", Integer.class),
                2 * config.getOptionalValue("rowmill.pool.size", Integer.class).orElse(20)
                    + SPARE_CONNECTIONS);
    compare("max_connections", Long.parseLong(value("max_connections")), needed);
    long ofUser = Rows.number(connection, "SELECT @@SESSION.max_user_connections");
    if (ofUser > 0) {
      compare("max_user_connections", ofUser, needed);
    }
  }

  private void compare(String name, long allowed, long needed) {
    String found = name + " is " + allowed + ", and a node opens up to " + needed;
    findings.add(
        allowed >= needed
            ? Finding.ok(name, found)
            : Finding.warning(
                name,
                found + ", so batches wait for connections",
                "SET GLOBAL "
                    + name
                    + " = "
                    + 2 * needed
                    + "; and in the server's configuration;"
                    + " or lower rowmill.pool.size and quarkus.datasource.data.jdbc.max-size."));
  }

  /** Checks the binary log: InnoDB refuses changes under READ COMMITTED to a log of statements. */
  private void binaryLog() {
    boolean statements = isOn("log_bin") && value("binlog_format").equals("STATEMENT");
    findings.add(
        statements
            ? Finding.error(
                "binlog_format",
                "binlog_format is STATEMENT, with which InnoDB rejects all of Rowmill's changes",
                "SET GLOBAL binlog_format = 'ROW'; and in the server's configuration.")
            : Finding.ok(
                "binlog_format",
                isOn("log_bin") ? value("binlog_format") : "the server writes no binary log"));
  }

  private void durability() {
    String name = "innodb_flush_log_at_trx_commit";
    findings.add(
        value(name).equals("1")
            ? Finding.ok(name, "commits survive a crash of the server's machine")
            : Finding.warning(
                name,
                name
                    + " is "
                    + value(name)
                    + ": a crash of the server's machine loses the last"
                    + " commits, chunks and their checkpoints among them",
                "SET GLOBAL " + name + " = 1; and in the server's configuration."));
  }

  private void packet() {
    String name = "max_allowed_packet";
    long bytes = Long.parseLong(value(name));
    findings.add(
        bytes >= TESTED_PACKET
            ? Finding.ok(name, "single values of up to " + bytes + " bytes can be undone")
            : Finding.warning(
                name,
                name
                    + " is "
                    + bytes
                    + ": larger values can't be undone, and less than 1 MB is"
                    + " not tested",
                "SET GLOBAL " + name + " = 67108864; and in the server's configuration."));
  }

  private void engine() {
    String engine = value("enforce_storage_engine");
    if (!engine.isEmpty() && !engine.equalsIgnoreCase("InnoDB")) {
      findings.add(
          Finding.error(
              "enforce_storage_engine",
              "the server creates all tables with " + engine + ", and Rowmill needs InnoDB",
              "SET GLOBAL enforce_storage_engine = NULL; and in the server's configuration."));
    }
  }

  private void zone() {
    String zone = value("time_zone");
    boolean fixed =
        zone.matches("[+-].*") || (zone + value("system_time_zone")).equals("SYSTEMUTC");
    findings.add(
        Finding.ok(
            "time_zone",
            (zone.equals("SYSTEM") ? "that of its system, " + value("system_time_zone") : zone)
                + (fixed
                    ? ""
                    : ": a TIMESTAMP column can't be the key along which rows are" + " walked")));
  }
}
