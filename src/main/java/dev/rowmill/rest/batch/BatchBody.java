package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.rest.http.AuditedBatch;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a batch as callers see it. */
@RegisterForReflection
@Schema(name = "Batch", description = "One bulk change, from its request to its end")
public record BatchBody(
    @Schema(description = "Number of the batch; later batches have higher numbers", examples = "42")
        long id,
    @Schema(description = "Name of the project", examples = "p1") String project,
    @Schema(
            description = "Kind of work",
            enumeration = {"sql", "task", "undo"})
        String kind,
    @Schema(description = "The statement; null for a task") @Nullable String sql,
    @Schema(description = "Parameters of the statement or task, with secret values as ******")
        JsonNode parameters,
    @Schema(description = "The registered task; null for a statement") @Nullable String task,
    @Schema(description = "serial: never runs at the same time as another serial batch")
        String mode,
    @Schema(
            description =
                "scheduled: its startAt is not reached; waiting: for other batches, or an approval is"
                    + " needed; queued:"
                    + " accepted, but without a thread or not yet its turn; paused: stopped until"
                    + " it is resumed. succeeded, failed and cancelled batches free the project")
        String status,
    @Schema(
            description =
                "Pending request for a running batch, which takes effect after the current chunk;"
                    + " the status is running until then. null when there is none",
            enumeration = {"pausing", "cancelling"},
            examples = "pausing")
        @Nullable String pending,
    @Schema(
            description =
                "Maximum number of workers that process the batch in parallel; for an automatic"
                    + " number, the present one",
            examples = "2")
        int lanes,
    @Schema(description = "Whether the number of lanes is chosen while the batch runs")
        boolean automaticLanes,
    @Schema(description = "Reason for the batch, as given by the caller") @Nullable String reason,
    @Schema(description = "Caller that submitted the batch, when callers are known")
        @Nullable String submittedBy,
    @Schema(description = "Time at which the batch was stored") Instant createdAt,
    @Schema(description = "Time at which its first run began") @Nullable Instant startedAt,
    @Schema(description = "Time at which it ended") @Nullable Instant finishedAt,
    @Schema(description = "Node that ran it last", examples = "host-1") @Nullable String node,
    ProgressBody progress,
    ChunkBody chunk,
    @Schema(
            description = "Throttle limits of the batch that differ from the configured ones",
            ref = "#/components/schemas/Limits")
        ThrottleLimits limits,
    @Schema(
            description =
                "Position from 1: in the queue of its project when waiting, in the serial queue"
                    + " when queued")
        @Nullable Long position,
    @Schema(description = "Current hold; null when nothing holds the batch")
        @Nullable ThrottleBody throttle,
    @Schema(description = "Time for which each reason has held the batch, over all its lanes")
        List<WaitBody> waits,
    @Schema(ref = "#/components/schemas/Problem") @Nullable Map<String, Object> error,
    UndoBody undo,
    @Schema(description = "Check: a SELECT that must stay true; null for none")
        @Nullable String check,
    @Schema(description = "Number of chunks of a run after which the check first runs")
        @Nullable Integer canaryChunks,
    @Schema(description = "For an undo: the batch that it undoes", examples = "41")
        @Nullable Long undoes,
    @Schema(description = "Undo that has restored the rows, as far as possible")
        @Nullable Long undoneBy,
    @Schema(description = "For an undo: rows not restored so far") @Nullable Long conflicts,
    @Schema(
            description = "For a batch over skipped rows: the batch that skipped them",
            examples = "41")
        @Nullable Long skippedOf,
    @Schema(
            description =
                "For a batch over skipped rows of one error: the server's number of that error",
            examples = "1062")
        @Nullable Long skippedError,
    @Schema(description = "Newest batch over the rows that this one skipped", examples = "43")
        @Nullable Long skippedRetry,
    @Schema(description = "Saved statement that the start named") @Nullable String statement,
    @Schema(description = "Table whose rows the batch walks, when the start names it")
        @Nullable String walk,
    @Schema(description = "Maximum number of rows that it may change") @Nullable Long maxRows,
    @Schema(description = "Maximum total duration of its runs, in milliseconds")
        @Nullable Long maxDurationMillis,
    @Nullable WindowBody window,
    @Nullable ApprovalBody approval,
    @Schema(description = "Batches that must end before this one is queued")
        List<ConditionBody> after,
    @Schema(ref = "#/components/schemas/Labels") Map<String, String> labels,
    @Nullable OnErrorBody onError,
    @Schema(
            description =
                "Rows that rejected their change, and were noted and passed over. A batch with such"
                    + " rows may have succeeded",
            examples = "0")
        long skipped,
    @Schema(description = "Time before which it does not start", examples = "2027-01-31T01:00:00Z")
        @Nullable Instant startAt,
    @Schema(description = "Schedule that started it", examples = "purge-sessions")
        @Nullable String schedule,
    @Schema(description = "Chain of which it is a step", examples = "7") @Nullable Long chain,
    @Schema(description = "Name of the step in its chain", examples = "archive")
        @Nullable String step)
    implements AuditedBatch {

  /** Lists members that can be long, which are in the first event of a batch alone. */
  public static final List<String> NOT_IN_EVENTS =
      List.of("sql", "parameters", "task", "limits", "check");

  /** Represents the chunk size of a batch. */
  @Schema(name = "Chunk", description = "Size of the chunks")
  public record ChunkBody(
      @Schema(description = "Expected rows of the next chunk", examples = "1000") int rows,
      @Schema(
              description =
                  "Target duration of a chunk in milliseconds; null when the number of rows is"
                      + " fixed")
          @Nullable Integer targetMillis) {}

  /** Represents the hold of a batch: the reason why it makes no progress. */
  @Schema(name = "Throttle", description = "Hold: why a running batch makes no progress")
  public record ThrottleBody(
      @Schema(
              description = "Name of the throttle limit or other reason, such as chunk-overdue",
              examples = "replica-lag")
          String reason,
      @Schema(description = "Measured figures, in English", examples = "replica 1 lags by 12 s")
          String detail,
      @Schema(description = "Time at which the hold began") Instant since) {}

  /** Represents the total time for which one reason has held a batch. */
  @Schema(name = "Wait", description = "Total time for which one reason has held a batch")
  public record WaitBody(
      @Schema(description = "Name of the throttle limit or other reason", examples = "replica-lag")
          String reason,
      @Schema(description = "Milliseconds over all lanes") long millis) {}

  /** Represents the approval that a batch needs from another caller. */
  @Schema(name = "Approval", description = "Approval by another caller that the batch needs to run")
  public record ApprovalBody(
      @Schema(description = "Whether the approval is still needed") boolean needed,
      @Schema(
              description =
                  "many-rows: it plans to change more rows than it may without an approval;"
                      + " unusual-rows: it plans to change many more than the last runs of its"
                      + " schedule",
              enumeration = {"many-rows", "unusual-rows"})
          String reason,
      @Schema(description = "Number of rows that the batch plans to change") long plannedRows,
      @Schema(description = "Whether the rows were counted; otherwise the server estimated them")
          boolean exact,
      @Schema(description = "For unusual rows: median of the last ten runs of its schedule")
          @Nullable Long median,
      @Schema(description = "For unusual rows: unusualFactor of its schedule")
          @Nullable BigDecimal factor,
      @Schema(description = "Caller that submitted the batch, when callers are known")
          @Nullable String requestedBy,
      @Schema(
              description =
                  "Callers that can't approve it, when callers are known: who submitted it, who"
                      + " stored its schedule or the saved statement of that, and who submitted the"
                      + " batch whose skipped rows it retries")
          List<String> authors,
      @Schema(description = "Caller that approved it, when callers are known")
          @Nullable String approvedBy,
      @Schema(description = "Time of the approval") @Nullable Instant approvedAt,
      @Schema(
              description = "Schedule that was approved in place of the batch",
              examples = "purge-sessions")
          @Nullable String schedule) {}

  /** Represents a batch that must end before another one is queued. */
  @Schema(name = "Condition", description = "A batch that must end before this one is queued")
  public record ConditionBody(
      @Schema(description = "Id of the batch", examples = "41") long batch,
      @Schema(
              description = "How it must end; ended is any end",
              enumeration = {"succeeded", "ended", "failed"})
          String on,
      @Schema(description = "Whether it has ended so") boolean met) {}

  /** Represents whether a batch can be undone, and the undo data stored for it. */
  @Schema(name = "Undo", description = "Whether the batch can be undone, and its undo data")
  public record UndoBody(
      @Schema(description = "Whether the batch can be undone") boolean available,
      @Schema(description = "Rows in the undo data") long rows,
      @Schema(description = "Bytes of the undo data") long bytes,
      @Schema(description = "Time until which the undo data are retained")
          @Nullable Instant expiresAt) {}
}
