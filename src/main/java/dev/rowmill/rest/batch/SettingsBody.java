package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.OrText;
import dev.rowmill.rest.http.StrictJson;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.math.BigDecimal;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the settings of a batch in a request, at its start and while it is active. */
@RegisterForReflection
public record SettingsBody(
    @Schema(
            description =
                "Size of the chunks; rows alone fixes it, and a target adapts it to their duration")
        @Nullable ChunkBody chunk,
    @Schema(ref = "#/components/schemas/Limits") @Nullable LimitsBody limits,
    @Schema(
            description =
                "Number of workers that process the batch in parallel, if the pool has threads for"
                    + " them. \"auto\" chooses it while the batch runs: it adds one while that"
                    + " makes the batch clearly faster, and removes them under load. A start"
                    + " without this member is automatic")
        @Min(1)
        @Max(16)
        @OrText(text = "auto", number = BatchSettings.AUTOMATIC)
        @Nullable Integer lanes) {

  /** Represents the size of the chunks. */
  @JsonRootName("ChunkSize")
  @JsonClassDescription("Size of the chunks")
  public record ChunkBody(
      @Schema(
              description =
                  "Rows of a chunk, which is one short transaction; with a target, the rows of the"
                      + " next chunk")
          @Min(10)
          @Max(100_000)
          @Nullable Integer rows,
      @Schema(description = "Target duration of a chunk in milliseconds") @Min(1) @Max(60_000)
          @Nullable Integer targetMillis) {}

  /** Represents the throttle limits. A limit of 0 means no limit. */
  public record LimitsBody(
      @Schema(description = "Maximum lag of a replica, in milliseconds") @Min(0) @Max(86_400_000)
          @Nullable Integer replicaLagMillis,
      @Schema(description = "Maximum number of statements that the server runs at the same time")
          @Min(0)
          @Max(100_000)
          @Nullable Integer threadsRunning,
      @Schema(description = "Number of such statements at which the batch fails")
          @Min(0)
          @Max(100_000)
          @Nullable Integer threadsRunningCritical,
      @Schema(description = "Maximum duration of the chunks' commits, in milliseconds")
          @Min(0)
          @Max(60_000)
          @Nullable Integer commitMillis,
      @Schema(description = "Maximum length of InnoDB's history list")
          @Min(0)
          @Max(Integer.MAX_VALUE)
          @Nullable Integer historyLength,
      @Schema(description = "Maximum time that others wait for locks of a chunk, in milliseconds")
          @Min(0)
          @Max(3_600_000)
          @Nullable Integer lockWaitMillis,
      @Schema(description = "Maximum rows scanned per second, over all lanes")
          @Min(0)
          @Max(Integer.MAX_VALUE)
          @Nullable Integer rowsPerSecond,
      @Schema(description = "Pause after a chunk, as a multiple of its duration") @Min(0) @Max(100)
          @Nullable BigDecimal nice,
      @Schema(description = "Whether to run without any throttle")
          @Nullable Boolean ignoreThrottle) {}

  /** Returns the change that a body requests. */
  SettingsChange requested(JsonBody body) {
    // A limit that is null is reset, so the received object counts.
    return change(limits == null ? null : (ObjectNode) body.node().get("limits"));
  }

  private SettingsChange change(@Nullable ObjectNode changed) {
    return new SettingsChange(
        chunk == null ? null : chunk.rows,
        chunk == null ? null : chunk.targetMillis,
        lanes,
        changed);
  }

  /** Returns other settings with these over them. The limits replace all others. */
  BatchSettings over(BatchSettings others) {
    BatchSettings changed = change(null).applyTo(others);
    return limits == null
        ? changed
        : changed.with(StrictJson.MAPPER.convertValue(limits, ThrottleLimits.class));
  }
}
