package dev.rowmill.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.cli.ProgressBar.Reading;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, UTF_8);

  @Test
  void a_batch_is_drawn_with_all_of_its_figures() throws JsonProcessingException {
    Reading reading =
        Reading.of(
            new ObjectMapper()
                .readTree(
                    """
                    {"rowsTotal": 1000000, "rowsScanned": 250000, "rowsChanged": 249870,
                     "percent": 25.0, "rowsPerSecond": 310000, "etaSeconds": 125}"""));
    assertEquals(
        "  [#######.......................]  25.0 %  250,000 of 1,000,000 rows  310,000 rows/s"
            + "  2 min 5 s left",
        ProgressBar.line(reading));
  }

  @Test
  void unknown_figures_are_left_out() throws JsonProcessingException {
    Reading reading =
        Reading.of(new ObjectMapper().readTree("{\"rowsTotal\": null, \"rowsScanned\": 0}"));
    assertEquals("  [..............................]   0.0 %  0 rows", ProgressBar.line(reading));
  }

  @Test
  void more_rows_than_expected_are_shown_as_100_percent() {
    assertEquals(100, new Reading(120, 100L, null, null).percent());
    assertEquals(0, new Reading(0, 0L, null, null).percent());
  }

  @Test
  void a_terminal_gets_one_line_that_is_redrawn() {
    ProgressBar bar = new ProgressBar(out, true);
    bar.show(new Reading(1, 2L, null, null));
    bar.show(new Reading(2, 2L, null, null));
    bar.finish();
    bar.finish();
    assertEquals(3, bytes.toString(UTF_8).split("\r", -1).length);
    assertEquals(1, bytes.toString(UTF_8).lines().filter(it -> it.contains("100.0 %")).count());
    assertTrue(bytes.toString(UTF_8).endsWith(System.lineSeparator()));
  }

  @Test
  void a_file_gets_a_line_for_each_tenth() {
    ProgressBar bar = new ProgressBar(out, false);
    for (int done = 0; done <= 1000; done++) {
      bar.show(new Reading(done, 1000L, null, null));
    }
    bar.finish();
    assertEquals(11, bytes.toString(UTF_8).lines().count());
    assertFalse(bytes.toString(UTF_8).contains("\r["));
  }

  @Test
  void durations_have_two_units_at_most() {
    assertEquals("7 s", ProgressBar.duration(7));
    assertEquals("2 min 5 s", ProgressBar.duration(125));
    assertEquals("3 h 20 min", ProgressBar.duration(12_000));
  }
}
