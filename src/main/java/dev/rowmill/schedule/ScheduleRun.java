package dev.rowmill.schedule;

import dev.rowmill.batch.Failure;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.task.Plan;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Represents one firing of a schedule.
 *
 * @param fireAt time for which it was due, or of the request to run it
 * @param manual whether a caller requested it
 * @param firedAt time at which it was carried out
 * @param batch the batch that it started; null for none
 * @param missed number of earlier firings that were missed, up to 1000
 * @param planned number of rows that the batch plans to change; null for no batch, and when they
 *     were not counted
 * @param usual what is usual for the schedule, when that number is not; null otherwise
 * @param problem reason why nothing was started; null for none
 */
public record ScheduleRun(
    Instant fireAt,
    boolean manual,
    Instant firedAt,
    Outcome outcome,
    @Nullable Long batch,
    int missed,
    Plan.@Nullable Count planned,
    @Nullable UsualRows usual,
    @Nullable Failure problem) {

  /** Lists the outcomes of a firing. */
  public enum Outcome {
    /** Has stored a batch. */
    STARTED,
    /** Has found an active batch of the project, and does not queue. */
    SKIPPED_BUSY,
    /** Was due while no node was running, and is skipped then. */
    MISSED,
    /** Has had its start rejected. */
    FAILED;

    /** Returns the name in the API. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
