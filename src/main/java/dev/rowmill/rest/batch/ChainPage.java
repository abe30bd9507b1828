package dev.rowmill.rest.batch;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a page of chains. */
@RegisterForReflection
@Schema(description = "A page of chains, newest first")
public record ChainPage(
    @Schema(description = "Chains of this page") List<ChainBody> items,
    @Schema(
            description = "Path of the next page; null on the last",
            examples = "/api/v1/chains?before=7")
        @Nullable String next) {

  /** Represents a chain as callers see it. */
  @RegisterForReflection
  @Schema(
      name = "Chain",
      description = "Batches that were started together and wait for each other")
  public record ChainBody(
      @Schema(description = "Number of the chain", examples = "7") long id,
      @Schema(description = "Name of the chain, as given by the caller") @Nullable String name,
      @Schema(
              description =
                  "running while a step is active; waiting while none is; paused; failed, cancelled"
                      + " or succeeded when all have ended",
              enumeration = {"waiting", "running", "paused", "succeeded", "failed", "cancelled"})
          String status,
      @Schema(description = "Whether no further step is queued until the chain is resumed")
          boolean paused,
      @Schema(description = "Caller that submitted the chain, when callers are known")
          @Nullable String submittedBy,
      @Schema(description = "The chain that it undoes; null when its steps are no undos")
          @Nullable Long undoOf,
      @Schema(description = "Time at which the chain was stored") Instant createdAt,
      @Schema(description = "Steps; each needs only earlier ones") List<StepBody> steps) {}

  /** Represents a step of a chain. */
  @RegisterForReflection
  @Schema(name = "ChainStep", description = "A step of a chain, with the state of its batch")
  public record StepBody(
      @Schema(description = "Name of the step", examples = "archive") String name,
      @Schema(description = "Names of the steps that must succeed before") List<String> needs,
      @Schema(description = "Id of its batch", examples = "42") long batch,
      @Schema(description = "Project of its batch", examples = "p1") String project,
      @Schema(description = "Status of its batch", examples = "waiting") String status,
      @Schema(description = "Whether its batch waits for an approval") boolean awaitsApproval,
      ProgressBody progress,
      @Schema(description = "Time at which its first run began") @Nullable Instant startedAt,
      @Schema(description = "Time at which it ended") @Nullable Instant finishedAt,
      @Schema(ref = "#/components/schemas/Problem") @Nullable Map<String, Object> error) {}
}
