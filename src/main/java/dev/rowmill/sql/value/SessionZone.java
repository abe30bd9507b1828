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
 * What the clock of a session shows at some moments. A fixed offset and a zone that Java knows are
 * worked out here. Of any other zone, such as that of the server's system, the server is asked: by
 * FROM_UNIXTIME, which answers NULL where it does not know, while CONVERT_TZ gives its argument
 * back. Immutable.
 */
final class SessionZone {

  private static final Pattern OFFSET = Pattern.compile("([+-])(\\d{1,2}):(\\d\\d)");
  private static final DateTimeFormatter SERVERS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final int AT_ONCE = 200;
  private static final long LAST_SECOND_OF_MYSQL = Integer.MAX_VALUE;
  private static final int LAST_YEAR = 9999;

  /** Of the zone; null where the server alone knows them. */
  private final @Nullable ZoneRules rules;

  /** By the seconds since 1970; without those that the server could not tell. */
  private final Map<Long, Told> told;

  /**
   * What the server tells of a moment.
   *
   * @param back the second since 1970 for which the server takes that local time
   */
  private record Told(LocalDateTime local, long back) {}

  private SessionZone(@Nullable ZoneRules rules, Map<Long, Told> told) {
    this.rules = rules;
    this.told = told;
  }

  /** Asks a connection for the zone of its session, and what it needs to know of some moments. */
  static SessionZone of(Connection connection, Collection<OffsetMoment> moments)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      ZoneRules rules;
      try (ResultSet row =
          statement.executeQuery("SELECT @@session.time_zone, @@system_time_zone")) {
        row.next();
        rules = rules(String.valueOf(row.getString(1)), String.valueOf(row.getString(2)));
      }
      // MariaDB answers for none that its TIMESTAMP can't hold, MySQL for some centuries.
      long lastTimestamp = ServerKind.isMariaDb(connection) ? Long.MAX_VALUE : LAST_SECOND_OF_MYSQL;
      Map<Long, Told> told = new HashMap<>();
      List<Long> seconds =
          moments.stream()
              .filter(moment -> asksServer(rules, moment, lastTimestamp))
              .map(moment -> moment.instant().getEpochSecond())
              .distinct()
              .toList();
      for (int i = 0; i < seconds.size(); i += AT_ONCE) {
        ask(statement, seconds.subList(i, Math.min(seconds.size(), i + AT_ONCE)), told);
      }
      return new SessionZone(rules, told);
    }
  }

  private static boolean asksServer(
      @Nullable ZoneRules rules, OffsetMoment moment, long lastTimestamp) {
    return rules == null
        || (!rules.isFixedOffset()
            && moment.target() != ValueTarget.WALL_CLOCK
            && moment.instant().getEpochSecond() <= lastTimestamp);
  }

  /**
   * The rules of a zone.
   *
   * @param zone as {@code @@session.time_zone} has it
   * @param system as {@code @@system_time_zone} has it: a short name, of which UTC alone is clear
   * @return null where they are not known here
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

  private static void ask(Statement statement, List<Long> seconds, Map<Long, Told> told)
      throws SQLException {
    // By way of the text: newer versions of MariaDB carry the moment itself from one function to
    // the other.
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
          told.put(seconds.get(i), new Told(time, row.getLong(2 * i + 2)));
        }
      }
    }
  }

  /** What the session's clock shows at a moment, or why that can't be said: one of the two. */
  private record Shown(@Nullable LocalDateTime local, @Nullable String problem) {}

  private Shown shown(OffsetMoment moment) {
    Instant instant = moment.instant();
    Told server = told.get(instant.getEpochSecond());
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
      // A TIMESTAMP column would take the local time for another moment.
      if (!server.local().equals(local.withNano(0))) {
        return new Shown(null, "parameter-zone");
      } else if (server.back() != instant.getEpochSecond()) {
        return new Shown(null, "parameter-clock-twice");
      }
    }
    return new Shown(local, null);
  }

  /**
   * What the server is given for a moment.
   *
   * @throws SQLException when it can't be said
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

  /** Why some of the moments can't be given to the server; empty where all can. */
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
