package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Dependencies;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.UndoUsage;
import dev.rowmill.progress.Speed;
import dev.rowmill.rest.batch.ProgressBody;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressBodyTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "1000000, 250000, 25.0",
    "3, 1, 33.3",
    "3, 2, 66.6",
    "1000, 0, 0.0",
    "1000000, 999999, 99.9",
    "1000, 1000, 99.9",
    "0, 0, 0.0",
    "9223372036854775807, 9223372036854775806, 99.9"
  })
  void percent_is_rounded_down_and_never_100_before_the_end(
      long total, long scanned, double percent) {
    ProgressBody body = running(total, scanned, 1000);
    assertEquals(percent, body.percent());
  }

  @Test
  void neither_percent_nor_remaining_time_is_reported_when_the_total_was_too_low() {
    ProgressBody body = running(1000L, 1500, 1000);
    assertTrue(body.totalExceeded());
    assertEquals(1500, body.rowsTotal());
    assertNull(body.percent());
    assertNull(body.etaSeconds());
    assertFalse(running(1000L, 1000, 1000).totalExceeded());
    assertFalse(running(null, 1000, 1000).totalExceeded());
  }

  @Test
  void an_unknown_total_leaves_percent_and_eta_unknown() {
    ProgressBody body = running(null, 500, 1000);
    assertNull(body.rowsTotal());
    assertNull(body.percent());
    assertNull(body.etaSeconds());
    assertEquals(500, body.rowsPerSecond());
  }

  @Test
  void at_the_end_the_total_is_the_number_of_scanned_rows() {
    for (Long estimate : new Long[] {null, 900L, 1100L}) {
      ProgressBody body = body(BatchStatus.SUCCEEDED, estimate, 1000, START, START.plusSeconds(4));
      assertEquals(1000, body.rowsTotal());
      assertFalse(body.totalExceeded());
      assertEquals(100.0, body.percent());
      assertEquals(250, body.rowsPerSecond());
      assertNull(body.etaSeconds());
    }
  }

  @Test
  void a_batch_without_rows_is_complete() {
    ProgressBody body = body(BatchStatus.SUCCEEDED, 0L, 0, START, START);
    assertEquals(100.0, body.percent());
    assertEquals(0, body.rowsPerSecond());
  }

  @Test
  void a_failed_batch_retains_its_percentage() {
    ProgressBody body = body(BatchStatus.FAILED, 1000L, 1000, START, START.plusSeconds(2));
    assertEquals(99.9, body.percent());
    assertNull(body.etaSeconds());
    assertEquals(500, body.rowsPerSecond());
  }

  @Test
  void only_running_batches_have_a_speed() {
    ProgressBody queued = body(BatchStatus.QUEUED, null, 0, null, null);
    assertEquals(0, queued.rowsPerSecond());
    assertNull(queued.etaSeconds());
    ProgressBody paused = body(BatchStatus.PAUSED, 1000L, 500, START, null);
    assertEquals(0, paused.rowsPerSecond());
    assertNull(paused.etaSeconds());
  }

  @ParameterizedTest
  @CsvSource({"1000000, 250000, 50000, 15", "1000, 1, 999, 1", "10, 3, 2, 4", "10, 10, 5, 0"})
  void the_time_left_is_computed_from_the_speed_of_the_last_minute(
      long total, long scanned, double lately, long etaSeconds) {
    ProgressBody body = running(total, scanned, 1000, speed(123.4, OptionalDouble.of(lately)));
    assertEquals(123, body.rowsPerSecond());
    assertEquals(etaSeconds, body.etaSeconds());
  }

  @Test
  void without_progress_the_remaining_time_is_unknown() {
    ProgressBody body = running(1000L, 500, 1000, speed(0, OptionalDouble.empty()));
    assertEquals(0, body.rowsPerSecond());
    assertNull(body.etaSeconds());
    assertNull(running(1000L, 500, 1000).etaSeconds());
  }

  @Test
  void huge_numbers_do_not_overflow() {
    ProgressBody body =
        running(
            Long.MAX_VALUE,
            Long.MAX_VALUE / 2,
            1,
            speed(1e300, OptionalDouble.of(Double.MIN_VALUE)));
    assertEquals(49.9, body.percent());
    assertEquals(Long.MAX_VALUE, body.rowsPerSecond());
    assertEquals(Long.MAX_VALUE, body.etaSeconds());
    assertEquals(Long.MAX_VALUE, running(Long.MAX_VALUE, Long.MAX_VALUE / 2, 1).rowsPerSecond());
  }

  @Test
  void a_clock_set_back_does_no_harm() {
    ProgressBody body = running(1000L, 10, -5000);
    assertEquals(10_000, body.rowsPerSecond());
  }

  private static Optional<Speed> speed(double rowsPerSecond, OptionalDouble lately) {
    return Optional.of(new Speed(rowsPerSecond, lately, Optional.empty(), 1));
  }

  private static ProgressBody running(Long total, long scanned, long millis) {
    return running(total, scanned, millis, Optional.empty());
  }

  private static ProgressBody running(
      Long total, long scanned, long millis, Optional<Speed> speed) {
    return ProgressBody.of(
        view(BatchStatus.RUNNING, total, scanned, START, null), speed, START.plusMillis(millis));
  }

  private static ProgressBody body(
      BatchStatus status, Long total, long scanned, Instant started, Instant finished) {
    return ProgressBody.of(
        view(status, total, scanned, started, finished), Optional.empty(), START.plusSeconds(3600));
  }

  private static BatchView view(
      BatchStatus status, Long total, long scanned, Instant started, Instant finished) {
    return new BatchView(
        1,
        new BatchSpec(
            "p",
            BatchWork.sql("UPDATE t SET a = 1", null, "{}"),
            Mode.PARALLEL,
            new BatchSettings(1000, null, 1, ThrottleLimits.NONE),
            Safeguards.NONE,
            Submission.NONE),
        status,
        null,
        null,
        Dependencies.NONE,
        0,
        null,
        null,
        null,
        null,
        "node",
        1,
        START,
        started,
        finished,
        null,
        null,
        new Progress(total, scanned, scanned, 0L, 0, 1, 0, UndoUsage.NONE, null, false),
        Map.of(),
        null);
  }
}
