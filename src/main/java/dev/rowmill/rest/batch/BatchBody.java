package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.rest.admin.StatementBodies.WindowBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a batch as callers see it. */
@RegisterForReflection
@Schema(name = "Batch", description = "One bulk change, from its request to its end")
public record BatchBody(
    @Schema(description = "Its number; later batches have higher ones", examples = "42") long id,
    @Schema(description = "The project that it belongs to", examples = "p1") String project,
    @Schema(
            description = "What sort of work it does",
            enumeration = {"sql", "task", "undo"})
        String kind,
    @Schema(description = "The statement; null for a task") @Nullable String sql,
    @Schema(
            description = "The parameters of the statement or task; secret ones as ******",
            type = SchemaType.OBJECT,
            implementation = Object.class)
        JsonNode parameters,
    @Schema(description = "The registered task; null for a statement") @Nullable String task,
    @Schema(
            description = "serial: never beside another serial batch",
            enumeration = {"parallel", "serial"})
        String mode,
    @Schema(
            description =
                "waiting: behind another batch of its project; queued: accepted, no thread or not"
                    + " its turn yet; paused: stopped until it is resumed; the project is free"
                    + " again after succeeded, failed and cancelled",
            enumeration = {
              "waiting",
              "queued",
              "running",
              "paused",
              "succeeded",
              "failed",
              "cancelled"
            })
        String status,
    @Schema(description = "Workers that share the batch, at most") int lanes,
    @Schema(description = "Why it was asked for, in the caller's words") @Nullable String reason,
    @Schema(description = "Who asked for it, when callers are known") @Nullable String submittedBy,
    @Schema(description = "When it was stored") Instant createdAt,
    @Schema(description = "When its first run began") @Nullable Instant startedAt,
    @Schema(description = "When it ended") @Nullable Instant finishedAt,
    @Schema(description = "The node that ran it last", examples = "host-1") @Nullable String node,
    ProgressBody progress,
    ChunkBody chunk,
    @Schema(
            description = "Its own limits, where they differ from what is configured",
            ref = "#/components/schemas/Limits")
        ThrottleLimits limits,
    @Schema(
            description =
                "Place in line from 1: of its project when waiting, of serial mode when queued")
        @Nullable Long position,
    @Schema(description = "What holds it back, while something does")
        @Nullable ThrottleBody throttle,
    @Schema(description = "What has held it back, and for how long in all its lanes")
        List<WaitBody> waits,
    @Schema(ref = "#/components/schemas/Problem") @Nullable Map<String, Object> error,
    UndoBody undo,
    @Schema(description = "The SELECT that must stay true; null for none") @Nullable String check,
    @Schema(description = "After how many chunks of a run the check is first made")
        @Nullable Integer canaryChunks,
    @Schema(description = "Of an undo: the batch that it puts back", examples = "41")
        @Nullable Long undoes,
    @Schema(description = "The undo that has put it back, as far as could be")
        @Nullable Long undoneBy,
    @Schema(description = "Of an undo: rows that it did not put back, so far")
        @Nullable Long conflicts,
    @Schema(description = "The saved statement that it was started by") @Nullable String statement,
    @Schema(description = "The table whose rows it goes through, where the start names it")
        @Nullable String walk,
    @Schema(description = "Rows that it may change at most") @Nullable Long maxRows,
    @Schema(description = "How long its runs may take together") @Nullable Long maxDurationMillis,
    @Nullable WindowBody window,
    @Nullable ApprovalBody approval) {

  /** Represents the chunk size of a batch. */
  @RegisterForReflection
  @Schema(name = "Chunk", description = "How large the chunks are")
  public record ChunkBody(
      @Schema(description = "Rows of the next chunk, as far as is known", examples = "1000")
          int rows,
      @Schema(description = "Milliseconds that a chunk should take; null where the rows are fixed")
          @Nullable Integer targetMillis) {}

  /** Represents the hold of a batch: the reason why it makes no progress. */
  @RegisterForReflection
  @Schema(name = "Throttle", description = "What holds a batch back")
  public record ThrottleBody(
      @Schema(description = "Which of the limits, or chunk-overdue", examples = "replica-lag")
          String reason,
      @Schema(description = "The figures, in English") String detail,
      @Schema(description = "Since when") Instant since) {}

  /** Represents the total time for which one reason has held a batch. */
  @RegisterForReflection
  @Schema(name = "Wait", description = "How long something has held a batch back")
  public record WaitBody(
      @Schema(description = "Which of the limits", examples = "replica-lag") String reason,
      @Schema(description = "Milliseconds, over all lanes") long millis) {}

  /** Represents the approval that a batch needs from another caller. */
  @RegisterForReflection
  @Schema(name = "Approval", description = "The word of another that the batch needs to run")
  public record ApprovalBody(
      @Schema(description = "Whether it is still to be given") boolean needed,
      @Schema(description = "Rows that the batch plans to change") long plannedRows,
      @Schema(description = "Whether they were counted; else the server estimates them")
          boolean exact,
      @Schema(description = "Who asked for the batch, when callers are known")
          @Nullable String requestedBy,
      @Schema(description = "Who approved it, when callers are known") @Nullable String approvedBy,
      @Schema(description = "When it was approved") @Nullable Instant approvedAt) {}

  /** Represents whether a batch can be undone, and the undo data stored for it. */
  @RegisterForReflection
  @Schema(name = "Undo", description = "Whether the rows can be put back as they were")
  public record UndoBody(
      @Schema(description = "Whether the batch can be undone") boolean available,
      @Schema(description = "Rows kept for it") long rows,
      @Schema(description = "Bytes kept for it") long bytes,
      @Schema(description = "Until when they are kept") @Nullable Instant expiresAt) {}
}
