package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Prints the progress on one line. In a terminal, the line is redrawn in place. A file or a pipe
 * gets a new line for each tenth. Not thread-safe.
 */
public final class ProgressBar {

  private static final int WIDTH = 30;

  /** Moves to the start of the line and clears it. */
  private static final String REDRAW = "\r\u001b[K";

  /**
   * Represents the progress at one moment.
   *
   * @param done number of rows done
   * @param total null if unknown
   * @param rowsPerSecond null if unknown
   * @param etaSeconds null if unknown
   */
  public record Reading(
      long done, @Nullable Long total, @Nullable Double rowsPerSecond, @Nullable Long etaSeconds) {

    /** Returns the reading of the member {@code progress} of a batch. */
    public static Reading of(JsonNode progress) {
      JsonNode total = progress.path("rowsTotal");
      JsonNode rate = progress.path("rowsPerSecond");
      JsonNode eta = progress.path("etaSeconds");
      return new Reading(
          progress.path("rowsScanned").asLong(),
          total.isNumber() ? total.asLong() : null,
          rate.isNumber() ? rate.asDouble() : null,
          eta.isNumber() ? eta.asLong() : null);
    }

    double percent() {
      if (total == null || total == 0) {
        return 0;
      }
      // Rows added during the batch may exceed the total; more than 100% would look like an error.
      return Math.min(100, 100.0 * done / total);
    }
  }

  private final PrintStream out;
  private final boolean terminal;
  private int lastTenth = -1;
  private boolean open;

  /**
   * @param terminal whether the output is one
   */
  public ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Shows the progress. */
  public void show(Reading reading) {
    if (terminal) {
      out.print(REDRAW + line(reading));
      out.flush();
      open = true;
    } else {
      int tenth = (int) (reading.percent() / 10);
      if (tenth != lastTenth) {
        lastTenth = tenth;
        out.println(line(reading));
      }
    }
  }

  /** Ends the line, so that other output can follow. */
  public void finish() {
    if (open) {
      out.println();
      open = false;
    }
  }

  static String line(Reading reading) {
    StringBuilder line = new StringBuilder("  [");
    int filled = (int) (WIDTH * reading.percent() / 100);
    line.append("#".repeat(filled)).append(".".repeat(WIDTH - filled)).append(']');
    line.append(String.format(Locale.ROOT, " %5.1f %%  %,d", reading.percent(), reading.done()));
    if (reading.total() != null) {
      line.append(String.format(Locale.ROOT, " of %,d", reading.total()));
    }
    line.append(" rows");
    if (reading.rowsPerSecond() != null) {
      line.append(String.format(Locale.ROOT, "  %,.0f rows/s", reading.rowsPerSecond()));
    }
    if (reading.etaSeconds() != null) {
      line.append("  ").append(duration(reading.etaSeconds())).append(" left");
    }
    return line.toString();
  }

  /** Formats a duration, such as {@code 7 s}, {@code 2 min 5 s} or {@code 3 h 20 min}. */
  public static String duration(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
