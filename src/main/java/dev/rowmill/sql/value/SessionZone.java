package dev.rowmill.sql.value;

import dev.rowmill.database.ServerKind;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.zone.ZoneRules;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Computes the local time of a session at some moments. A fixed offset and a time zone that Java
 * supports are computed here. For any other zone, such as that of the server's system, the server
 * computes it with FROM_UNIXTIME. That returns NULL if it can't, while CONVERT_TZ returns its
 * argument. Immutable.
 */
final class SessionZone {

  private static final Pattern OFFSET = Pattern.compile("([+-])(\\d{1,2}):(\\d\\d)");
  private static final DateTimeFormatter SERVERS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final int AT_ONCE = 200;
  private static final long LAST_SECOND_OF_MYSQL = Integer.MAX_VALUE;
  private static final int LAST_YEAR = 9999;

  /** Holds the rules of the zone; null if only the server has them. */
  private final @Nullable ZoneRules rules;

  /**
   * Maps seconds since 1970 to the server's results. Moments that the server could not compute are
   * absent.
   */
  private final Map<Long, ServerTime> serverTimes;

  /**
   * Holds the server's result for a moment.
   *
   * @param back second since 1970 that the server computes from that local time
   */
  private record ServerTime(LocalDateTime local, long back) {}

  private SessionZone(@Nullable ZoneRules rules, Map<Long, ServerTime> serverTimes) {
    this.rules = rules;
    this.serverTimes = serverTimes;
  }

  /** Reads the time zone of a session, and the server's local time for moments that need it. */
  static SessionZone of(Connection connection, Collection<OffsetMoment> moments)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      ZoneRules rules;
      try (ResultSet row =
          statement.executeQuery("SELECT @@session.time_zone, @@system_time_zone")) {
        row.next();
        rules = rules(String.valueOf(row.getString(1)), String.valueOf(row.getString(2)));
      }
      // MariaDB returns NULL outside the range of its TIMESTAMP; MySQL computes some centuries
      // more.
      long lastTimestamp = ServerKind.isMariaDb(connection) ? Long.MAX_VALUE : LAST_SECOND_OF_MYSQL;
      Map<Long, ServerTime> serverTimes = new HashMap<>();
      List<Long> seconds =
          moments.stream()
              .filter(moment -> needsServer(rules, moment, lastTimestamp))
              .map(moment -> moment.instant().getEpochSecond())
              .distinct()
              .toList();
      for (int i = 0; i < seconds.size(); i += AT_ONCE) {
        readServerTimes(
            statement, seconds.subList(i, Math.min(seconds.size(), i + AT_ONCE)), serverTimes);
      }
      return new SessionZone(rules, serverTimes);
    }
  }

  private static boolean needsServer(
      @Nullable ZoneRules rules, OffsetMoment moment, long lastTimestamp) {
    return rules == null
        || (!rules.isFixedOffset()
            && moment.target() != ValueTarget.WALL_CLOCK
            && moment.instant().getEpochSecond() <= lastTimestamp);
  }

  /**
   * Returns the rules of a zone.
   *
   * @param zone value of {@code @@session.time_zone}
   * @param system value of {@code @@system_time_zone}: a short name, of which only UTC is
   *     unambiguous
   * @return null if Java does not support the zone
   */
  static @Nullable ZoneRules rules(String zone, String system) {
    if (zone.equals("SYSTEM")) {
      return system.equals("UTC") ? ZoneOffset.UTC.getRules() : null;
    }
    Matcher offset = OFFSET.matcher(zone);
    try {
      return offset.matches()
          ? ZoneOffset.of(
                  offset.group(1)
                      + (offset.group(2).length() == 1 ? "0" : "")
                      + offset.group(2)
                      + ":"
                      + offset.group(3))
              .getRules()
          : ZoneId.of(zone).getRules();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static void readServerTimes(
      Statement statement, List<Long> seconds, Map<Long, ServerTime> serverTimes)
      throws SQLException {
    // Converted to text in between: newer versions of MariaDB pass the moment itself from one
    // function to the other.
    String sql =
        seconds.stream()
            .map(
                second ->
                    String.format(
                        Locale.ROOT,
                        "FROM_UNIXTIME(%1$d), UNIX_TIMESTAMP(CAST(FROM_UNIXTIME(%1$d) AS CHAR))",
                        second))
            .collect(Collectors.joining(", ", "SELECT ", ""));
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      for (int i = 0; i < seconds.size(); i++) {
        String local = row.getString(2 * i + 1);
        if (local != null) {
          // Some servers add a fraction of zeros.
          LocalDateTime time =
              LocalDateTime.parse(local.substring(0, "0000-00-00 00:00:00".length()), SERVERS);
          serverTimes.put(seconds.get(i), new ServerTime(time, row.getLong(2 * i + 2)));
        }
      }
    }
  }

  /** Holds either the local time at a moment, or the reason why it can't be computed. */
  private record Shown(@Nullable LocalDateTime local, @Nullable String problem) {}

  private Shown shown(OffsetMoment moment) {
    Instant instant = moment.instant();
    ServerTime server = serverTimes.get(instant.getEpochSecond());
    LocalDateTime local;
    if (rules != null) {
      local = LocalDateTime.ofInstant(instant, rules.getOffset(instant));
    } else if (server != null) {
      local = server.local().withNano(instant.getNano());
    } else {
      return new Shown(null, "parameter-zone");
    }
    if (local.getYear() < 1 || local.getYear() > LAST_YEAR) {
      return new Shown(null, "parameter-datetime");
    }
    if (server != null && moment.target() != ValueTarget.WALL_CLOCK) {
      // A TIMESTAMP column would store the local time as another moment.
      if (!server.local().equals(local.withNano(0))) {
        return new Shown(null, "parameter-zone");
      } else if (server.back() != instant.getEpochSecond()) {
        return new Shown(null, "parameter-clock-twice");
      }
    }
    return new Shown(local, null);
  }

  /**
   * Returns the text that the server receives for a moment.
   *
   * @throws SQLException if the local time can't be computed
   */
  String text(OffsetMoment moment) throws SQLException {
    LocalDateTime local = shown(moment).local();
    if (local == null) {
      throw new SQLException(
          "The session's local time at the moment of the parameter "
              + moment.parameter()
              + " is not known",
          "22007");
    }
    return OffsetMoment.text(local, moment.digits());
  }

  /** Returns why some of the moments can't be sent to the server; empty if all can. */
  Set<Reason> problems(Collection<OffsetMoment> moments) {
    Set<Reason> problems = new LinkedHashSet<>();
    for (OffsetMoment moment : moments) {
      String problem = shown(moment).problem();
      if (problem != null) {
        problems.add(Reason.of(problem, "parameter", moment.parameter()));
      }
    }
    return problems;
  }
}
