package dev.rowmill.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.BesideOthers;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@BesideOthers
class CronTimesTest {

  /** Lists, for days on which clocks change, all firings from midnight on as UTC times. */
  @ParameterizedTest(name = "{0} | {1} | {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
          Europe/Berlin | 30 2 * * *    | 2026-03-28T23:00Z | 01:00 +1d00:30
          Europe/Berlin | 0 2 * * *     | 2026-03-28T23:00Z | 01:00 +1d00:00
          Europe/Berlin | 0 3 * * *     | 2026-03-28T23:00Z | 01:00 +1d01:00
          Europe/Berlin | 0 2,3 * * *   | 2026-03-28T23:00Z | 01:00 +1d00:00
          Europe/Berlin | */15 2 * * *  | 2026-03-28T23:00Z | 01:00 +1d00:00
          Europe/Berlin | 0 */2 * * *   | 2026-03-28T23:30Z | 01:00 02:00 04:00
          Europe/Berlin | 0 * * * *     | 2026-03-28T23:30Z | 00:00 01:00 02:00 03:00
          Europe/Berlin | 30 * * * *    | 2026-03-28T23:45Z | 00:30 01:30 02:30
          Europe/Berlin | */15 * * * *  | 2026-03-29T00:30Z | 00:45 01:00 01:15 01:30
          # Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
          Europe/Berlin | 30 2 * * *    | 2026-10-24T22:30Z | 00:30 +1d01:30
          Europe/Berlin | 0 2 * * *     | 2026-10-24T22:30Z | 00:00 +1d01:00
          Europe/Berlin | 0 3 * * *     | 2026-10-24T22:30Z | 02:00 +1d02:00
          Europe/Berlin | */30 2 * * *  | 2026-10-24T22:30Z | 00:00 00:30 +1d01:00
          Europe/Berlin | 0 */2 * * *   | 2026-10-24T22:30Z | 00:00 03:00 05:00
          Europe/Berlin | 0 * * * *     | 2026-10-24T23:30Z | 00:00 01:00 02:00 03:00
          Europe/Berlin | 30 * * * *    | 2026-10-24T23:45Z | 00:30 01:30 02:30
          Europe/Berlin | */15 * * * *  | 2026-10-25T00:30Z | 00:45 01:00 01:15 01:30
          # New York, 2026-03-08: 02:00 becomes 03:00 at 07:00Z; 2026-11-01: 02:00 becomes 01:00 at 06:00Z.
          America/New_York | 30 2 * * *   | 2026-03-08T05:00Z | 07:00 +1d06:30
          America/New_York | 0 * * * *    | 2026-03-08T05:30Z | 06:00 07:00 08:00
          America/New_York | */15 * * * * | 2026-03-08T06:40Z | 06:45 07:00 07:15
          America/New_York | 30 1 * * *   | 2026-11-01T04:00Z | 05:30 +1d06:30
          America/New_York | 0 * * * *    | 2026-11-01T04:30Z | 05:00 06:00 07:00
          America/New_York | */15 * * * * | 2026-11-01T05:40Z | 05:45 06:00 06:15
          # Lord Howe, 2026-10-04: 02:00 becomes 02:30 at 2026-10-03T15:30Z.
          Australia/Lord_Howe | 15 2 * * *   | 2026-10-03T13:30Z | 15:30 +1d15:15
          Australia/Lord_Howe | 0 2 * * *    | 2026-10-03T13:30Z | 15:30 +1d15:00
          Australia/Lord_Howe | 30 2 * * *   | 2026-10-03T13:30Z | 15:30 +1d15:30
          Australia/Lord_Howe | 0 * * * *    | 2026-10-03T14:00Z | 14:30 15:30 16:00 17:00
          Australia/Lord_Howe | 15 * * * *   | 2026-10-03T14:00Z | 14:45 15:30 16:15
          Australia/Lord_Howe | 45 * * * *   | 2026-10-03T14:00Z | 14:15 15:15 15:45
          Australia/Lord_Howe | */15 * * * * | 2026-10-03T15:00Z | 15:15 15:30 15:45 16:00
          # Lord Howe, 2026-04-05: 02:00 becomes 01:30 at 2026-04-04T15:00Z.
          Australia/Lord_Howe | 45 1 * * *   | 2026-04-04T13:30Z | 14:45 +1d15:15
          Australia/Lord_Howe | 0 2 * * *    | 2026-04-04T13:30Z | 15:30 +1d15:30
          Australia/Lord_Howe | 0 * * * *    | 2026-04-04T13:30Z | 14:00 15:30 16:30
          Australia/Lord_Howe | 45 * * * *   | 2026-04-04T14:00Z | 14:45 16:15
          Australia/Lord_Howe | */15 * * * * | 2026-04-04T14:30Z | 14:45 15:00 15:15 15:30
          # Without daylight saving.
          Asia/Kolkata | 30 2 * * *   | 2026-03-28T18:30Z | 21:00 +1d21:00
          Asia/Kolkata | 0 * * * *    | 2026-03-28T18:35Z | 19:30 20:30
          UTC          | */15 * * * * | 2026-03-29T00:50Z | 01:00 01:15
          UTC          | 30 2 * * *   | 2026-03-29T00:00Z | 02:30 +1d02:30
          """)
  void clocks_that_change_neither_lose_nor_repeat_a_firing(
      String zone, String cron, String from, String expected) {
    FireTimes times = CronTimes.of(cron, ZoneId.of(zone));
    Instant at = ZonedDateTime.parse(from).toInstant();
    for (String text : expected.split(" ")) {
      at = times.next(at).orElseThrow();
      assertEquals(text, shown(at, from), () -> expected);
    }
  }

  private static String shown(Instant at, String from) {
    Instant day = ZonedDateTime.parse(from).toInstant();
    LocalDateTime time = LocalDateTime.ofInstant(at, ZoneId.of("UTC"));
    // Firings of the next day are at least 20 hours later.
    boolean next = Duration.between(day, at).toHours() >= 20;
    return (next ? "+1d" : "") + time.toLocalTime();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"})
  void each_local_time_of_a_year_fires_once(String zone) {
    ZoneId id = ZoneId.of(zone);
    Instant begin = LocalDateTime.parse("2026-01-01T00:00").atZone(id).toInstant();
    Instant end = LocalDateTime.parse("2027-01-01T00:00").atZone(id).toInstant();
    for (String cron : List.of("30 2 * * *", "45 1 * * *", "0 2 * * *", "15 2 * * *")) {
      List<Instant> fired = all(CronTimes.of(cron, id), begin, end);
      assertEquals(365, fired.size(), cron);
      assertEquals(
          365,
          new HashSet<>(fired.stream().map(it -> it.atZone(id).toLocalDate()).toList()).size());
    }
    // In each real hour, with a change of half an hour in at least each real hour and a half.
    assertTrue(all(CronTimes.of("0 * * * *", id), begin, end).size() >= 8759);
    List<Instant> quarters = all(CronTimes.of("*/15 * * * *", id), begin, end);
    assertEquals(365 * 24 * 4 - 1, quarters.size());
  }

  private static List<Instant> all(FireTimes times, Instant after, Instant before) {
    List<Instant> all = new ArrayList<>();
    for (Optional<Instant> at = times.next(after);
        at.isPresent() && at.get().isBefore(before);
        at = times.next(at.get())) {
      all.add(at.get());
    }
    return all;
  }

  @Test
  void the_last_firing_before_a_moment_is_found_after_a_long_time() {
    for (String cron : List.of("* * * * *", "30 2 * * *", "0 0 1 * *", "0 0 29 2 *")) {
      FireTimes times = CronTimes.of(cron, ZoneId.of("Europe/Berlin"));
      Instant from = times.next(Instant.parse("2024-01-01T00:00:00Z")).orElseThrow();
      Instant now = Instant.parse("2026-08-15T12:34:56Z");
      Instant last = times.last(from, now);
      assertTrue(!last.isAfter(now) && times.next(last).orElseThrow().isAfter(now), cron);
    }
  }

  @Test
  void intervals_follow_real_time_from_their_begin() {
    Instant anchor = Instant.parse("2026-03-28T00:00:00Z");
    FireTimes times = new EveryTimes(Duration.ofMinutes(90), anchor);
    assertEquals(Instant.parse("2026-03-28T01:30:00Z"), times.next(anchor).orElseThrow());
    assertEquals(
        Instant.parse("2026-03-28T03:00:00Z"),
        times.next(Instant.parse("2026-03-28T01:30:00Z")).orElseThrow());
    Instant first = times.next(anchor).orElseThrow();
    assertEquals(
        Instant.parse("2026-03-28T03:00:00Z"),
        times.last(first, Instant.parse("2026-03-28T04:29:59Z")));
    assertEquals(2, times.count(first, Instant.parse("2026-03-28T04:30:00Z")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *"})
  void an_impossible_cron_has_no_firing(String cron) {
    assertEquals(
        Optional.empty(),
        CronTimes.of(cron, ZoneId.of("UTC")).next(Instant.parse("2026-01-01T00:00:00Z")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "@daily",
        "0 0 * 13 *",
        "0 0 * * 8x"
      })
  void an_invalid_cron_is_rejected(String cron) {
    assertThrows(IllegalArgumentException.class, () -> CronTimes.of(cron, ZoneId.of("UTC")));
  }
}
