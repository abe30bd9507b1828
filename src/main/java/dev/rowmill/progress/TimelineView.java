package dev.rowmill.progress;

import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the progress of a batch over time, as known at one moment. */
@Schema(name = "Timeline", description = "Timeline of a batch, in steps of equal length")
public record TimelineView(
    @Schema(description = "Length of a step in milliseconds", examples = "250") long stepMillis,
    @Schema(description = "Steps, oldest first, at most 240; empty when no data are available")
        List<Step> items) {

  /** Represents a batch without a timeline. */
  static final TimelineView NOTHING = new TimelineView(0, List.of());

  /** Represents one step. */
  @Schema(name = "TimelineStep", description = "Work of one step")
  public record Step(
      @Schema(description = "Time at which it began") Instant at,
      @Schema(description = "Rows scanned from the beginning of the batch to the end of the step")
          long rowsScanned,
      @Schema(description = "Rows scanned per second") long rowsPerSecond,
      @Schema(description = "Average rows of a chunk; null without a completed chunk")
          @Nullable Long chunkRows,
      @Schema(description = "Average milliseconds of a chunk; null without a completed chunk")
          @Nullable Double chunkMillis,
      @Schema(description = "Completed chunks") long chunks,
      @Schema(description = "Retries of chunks") long retries,
      @Schema(description = "Holds during the step, over all lanes") List<Wait> waits) {}

  /** Represents a wait in one step. */
  @Schema(name = "TimelineWait", description = "Hold during one step")
  public record Wait(
      @Schema(description = "Name of the throttle limit or other reason", examples = "replica-lag")
          String reason,
      @Schema(description = "Milliseconds over all lanes") long millis) {}
}
