package dev.rowmill.progress;

import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the progress of a batch over time, as known at one moment. */
@Schema(name = "Timeline", description = "How a batch went over time, in steps of equal length")
public record TimelineView(
    @Schema(description = "Milliseconds of a step", examples = "250") long stepMillis,
    @Schema(
            description =
                "The steps, oldest first, 240 at most; none where nothing is known of the batch")
        List<Step> items) {

  /** Represents a batch without a timeline. */
  static final TimelineView NOTHING = new TimelineView(0, List.of());

  /** Represents one step. */
  @Schema(name = "TimelineStep", description = "What was done in one step")
  public record Step(
      @Schema(description = "When it began") Instant at,
      @Schema(description = "Rows looked at since the batch began, at the step's end")
          long rowsScanned,
      @Schema(description = "Rows looked at per second of the step") long rowsPerSecond,
      @Schema(description = "Rows of a chunk on average; null when none was done")
          @Nullable Long chunkRows,
      @Schema(description = "Milliseconds of a chunk on average; null when none was done")
          @Nullable Double chunkMillis,
      @Schema(description = "Chunks done") long chunks,
      @Schema(description = "Chunks tried again") long retries,
      @Schema(description = "What held the batch back in it, over all lanes") List<Wait> waits) {}

  /** Represents a wait in one step. */
  @Schema(name = "TimelineWait", description = "What held a batch back in one step")
  public record Wait(
      @Schema(description = "Which of the limits", examples = "replica-lag") String reason,
      @Schema(description = "Milliseconds, over all lanes") long millis) {}
}
