package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Unaudited;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a request to retry a batch, or the rows that it has skipped. */
@RegisterForReflection
public record RetryBody(
    @Schema(
            description =
                "Values of the secret parameters, all of them and no others. They were deleted when"
                    + " the batch ended")
        @Unaudited
        @Nullable ObjectNode parameters,
    @Schema(
            description =
                "Maximum total duration of its runs in milliseconds. The runs so far of a retried"
                    + " batch count, so it must be larger than their duration")
        @Min(1)
        @Max(BoundsBody.LONGEST_DURATION)
        @Nullable Long maxDurationMillis,
    @Schema(description = "What to do about a row that rejects its change")
        OnErrorBody.@Nullable Request onError,
    @JsonUnwrapped SettingsBody settings) {

  /**
   * Reads the body of a request to retry a batch.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static RetryBody read(JsonBody body) {
    RetryBody read = BodyReader.read(body, RetryBody.class);
    if (read.onError != null) {
      read.onError.problem().ifPresent(reason -> body.violation("onError.maxSkipped", reason));
    }
    body.check();
    return read;
  }

  /** Returns a batch's specification with these members over its own. */
  BatchSpec over(BatchSpec spec) {
    Bounds bounds = spec.safeguards().bounds();
    Long most = maxDurationMillis == null ? bounds.maxDurationMillis() : maxDurationMillis;
    Safeguards safeguards =
        spec.safeguards().with(new Bounds(bounds.maxRows(), most, bounds.window()));
    return spec.with(settings.over(spec.settings()))
        .with(onError == null ? safeguards : safeguards.with(onError.rules()));
  }

  /** Returns the values of the secret parameters, as they were sent. */
  ObjectNode secrets() {
    return parameters == null ? JsonNodeFactory.instance.objectNode() : parameters;
  }
}
