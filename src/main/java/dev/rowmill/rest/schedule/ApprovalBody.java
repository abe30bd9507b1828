package dev.rowmill.rest.schedule;

import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a request to approve a schedule. */
@RegisterForReflection
public record ApprovalBody(
    @Schema(description = "What is approved: content of the schedule, as it was read")
        @NotNull(message = "missing-value")
        @Size(min = 1, max = 100)
        @Nullable String content) {

  /**
   * Reads the body, and returns what is approved.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static String read(byte[] bytes) {
    JsonBody body = JsonBody.of(bytes);
    ApprovalBody read = BodyReader.read(body, ApprovalBody.class);
    body.check();
    return String.valueOf(read.content);
  }
}
