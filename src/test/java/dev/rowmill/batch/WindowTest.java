package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

  @ParameterizedTest
  @CsvSource({
    // Across midnight, in winter.
    "22:00-05:00 Europe/Berlin, 2026-01-10T20:59:59Z, false",
    "22:00-05:00 Europe/Berlin, 2026-01-10T21:00:00Z, true",
    "22:00-05:00 Europe/Berlin, 2026-01-11T03:59:59Z, true",
    "22:00-05:00 Europe/Berlin, 2026-01-11T04:00:00Z, false",
    // In summer, the local time has another offset.
    "22:00-05:00 Europe/Berlin, 2026-07-10T20:00:00Z, true",
    "22:00-05:00 Europe/Berlin, 2026-07-11T03:00:00Z, false",
    // Within one day.
    "09:00-17:00 UTC, 2026-01-10T08:59:59Z, false",
    "09:00-17:00 UTC, 2026-01-10T09:00:00Z, true",
    "09:00-17:00 UTC, 2026-01-10T17:00:00Z, false",
    // On Saturdays (the 10th), also across midnight.
    "'22:00-05:00 UTC sat', 2026-01-10T23:00:00Z, true",
    "'22:00-05:00 UTC sat', 2026-01-11T04:00:00Z, true",
    "'22:00-05:00 UTC sat', 2026-01-11T23:00:00Z, false",
    "'22:00-05:00 UTC sat', 2026-01-10T04:00:00Z, false",
    "'00:00-00:00 UTC sat,sun', 2026-01-11T23:59:59Z, true",
    "'00:00-00:00 UTC sat,sun', 2026-01-12T00:00:00Z, false",
    "00:00-00:00 UTC, 2026-01-12T00:00:00Z, true",
    // The hour from 2 to 3 is skipped on 29 March in Berlin ...
    "02:00-03:00 Europe/Berlin, 2026-03-29T00:59:59Z, false",
    "02:00-03:00 Europe/Berlin, 2026-03-29T01:00:00Z, false",
    "01:30-03:30 Europe/Berlin, 2026-03-29T01:29:59Z, true",
    "01:30-03:30 Europe/Berlin, 2026-03-29T01:30:00Z, false",
    // ... and occurs twice on 25 October.
    "02:00-03:00 Europe/Berlin, 2026-10-25T00:30:00Z, true",
    "02:00-03:00 Europe/Berlin, 2026-10-25T01:30:00Z, true",
    "02:00-03:00 Europe/Berlin, 2026-10-25T02:00:00Z, false",
  })
  void it_follows_the_local_time(String window, Instant moment, boolean open) {
    assertEquals(open, Window.parse(window).isOpen(moment));
  }

  @ParameterizedTest
  @CsvSource({
    "22:00-05:00 Europe/Berlin, 2026-01-10T12:00:00Z, 22:00 Europe/Berlin",
    "'22:00-05:00 UTC sat', 2026-01-10T12:00:00Z, 22:00 UTC",
    "'22:00-05:00 UTC sat', 2026-01-11T12:00:00Z, sat 22:00 UTC",
    "'09:00-17:00 UTC mon,tue', 2026-01-12T18:00:00Z, tue 09:00 UTC",
    "09:00-17:00 UTC, 2026-01-12T18:00:00Z, 09:00 UTC",
  })
  void the_next_opening_is_computed(String window, Instant moment, String opens) {
    assertEquals(opens, Window.parse(window).opens(moment));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "22:00",
        "22:00-05:00",
        "25:00-05:00 UTC",
        "22-05 UTC",
        "22:00-05:00 Mars",
        "22:00-05:00 UTC may"
      })
  void an_invalid_window_is_rejected(String text) {
    assertThrows(IllegalArgumentException.class, () -> Window.parse(text));
  }

  @Test
  void bounds_are_stored_unchanged() {
    var bounds = new Bounds(5L, 6L, Window.parse("22:00-05:00:30 Europe/Berlin mon,fri"));
    assertEquals(bounds, StoredJson.read(StoredJson.write(bounds), Bounds.class));
    assertEquals("{}", StoredJson.write(Bounds.NONE));
    assertEquals(Bounds.NONE, StoredJson.read("{}", Bounds.class));
    assertEquals(new Bounds(1L, 6L, null), new Bounds(1L, null, null).or(new Bounds(2L, 6L, null)));
  }
}
