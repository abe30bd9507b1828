package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.rest.http.Prefer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreferTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wait=5 | 5",
        "WAIT = 5 | 5",
        "wait=\"5\" | 5",
        "respond-async, wait=10 | 10",
        "handling=lenient; foo=\"a,wait=1\", wait=7; bar | 7",
        "wait=61 | 60",
        "wait=99999999999999999999 | 60",
        "wait=0 | 0",
        "wait=3, wait=4 | 3",
        "wait=x, wait=4 | 4",
        "foo=\"wait=1\\\", wait=2\", wait=9 | 9"
      })
  void the_wait_is_found_among_other_preferences(String header, long seconds) {
    assertEquals(Optional.of(Duration.ofSeconds(seconds)), Prefer.waiting(List.of(header)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "wait",
        "wait=",
        "wait=-1",
        "wait=1.5",
        "wait=1s",
        "await=5",
        "foo=\"wait=5",
        "=,;\"",
        "foo; wait=5",
        "wait=\"",
        "wait=٣"
      })
  void invalid_preferences_are_ignored(String header) {
    assertEquals(Optional.empty(), Prefer.waiting(List.of(header)));
  }

  @Test
  void several_headers_count_as_one() {
    assertEquals(
        Optional.of(Duration.ofSeconds(2)),
        Prefer.waiting(List.of("respond-async", "wait=2", "wait=3")));
  }

  @Test
  void a_long_header_is_read_like_a_short_one() {
    assertEquals(
        Optional.of(Duration.ofSeconds(2)),
        Prefer.waiting(List.of("\"".repeat(100_000) + ", wait=2")));
  }
}
