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
      @Schema(
              description =
                  "Number of lanes at the end of the step; null when unknown. While it is"
                      + " automatic, it changes")
          @Nullable Integer lanes,
      @Schema(description = "Changes of the number of lanes during the step")
          List<LaneChange> laneChanges,
      @Schema(description = "Holds during the step, over all lanes") List<Wait> waits) {}

  /** Represents the changes of the number of lanes for one reason. */
  @Schema(name = "TimelineLaneChange", description = "Changes of the number of lanes in one step")
  public record LaneChange(
      @Schema(
              description =
                  "trial: one was added; no-gain: it did not make the batch faster; slow-commits:"
                      + " it made commits slower; retry: a chunk was retried; server-busy:"
                      + " the server ran statements of others; pool-busy: batches waited for"
                      + " threads; nothing-to-share: no lane could be divided; requested: by a"
                      + " caller; or the name of the throttle that engaged",
              examples = "trial")
          String reason,
      @Schema(description = "Number of changes for this reason") long changes) {}

  /** Represents a wait in one step. */
  @Schema(name = "TimelineWait", description = "Hold during one step")
  public record Wait(
      @Schema(description = "Name of the throttle limit or other reason", examples = "replica-lag")
          String reason,
      @Schema(description = "Milliseconds over all lanes") long millis) {}
}
