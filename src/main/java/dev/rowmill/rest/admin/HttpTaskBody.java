package dev.rowmill.rest.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.httptask.AllowedHosts;
import dev.rowmill.httptask.HttpTask;
import dev.rowmill.httptask.ParameterSchema;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body that stores an HTTP task. */
@RegisterForReflection
public record HttpTaskBody(
    @Schema(description = "What the task does") @Size(max = 500) @Unaudited
        @Nullable String description,
    @Schema(
            description =
                "Address, http or https, that chunks are sent to; its host must be one of"
                    + " rowmill.tasks.hosts. Without it, workers lease the chunks")
        @Size(min = 1, max = 2000)
        @Unaudited
        @Nullable String url,
    @Schema(description = "Signs the requests; required with url, and never shown")
        @Size(min = 16, max = 500)
        @Unaudited
        @Nullable String secret,
    @Schema(
            description = "Time until the whole response, or of a lease, in milliseconds",
            defaultValue = "30000")
        @Min(100)
        @Max(3_600_000)
        @Nullable Integer timeoutMillis,
    @Schema(
            description = "Maximum number of calls of a batch in flight, on each node",
            defaultValue = "10")
        @Min(1)
        @Max(1000)
        @Nullable Integer concurrency,
    @Schema(
            description =
                "JSON Schema (2020-12) of the parameters; without it, none may be given. It can't"
                    + " refer to other documents")
        @Unaudited
        @Nullable ObjectNode parameters) {

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int CONCURRENCY = 10;

  /** Allows no parameters. */
  private static final ObjectNode NONE =
      JsonNodeFactory.instance.objectNode().put("type", "object").put("maxProperties", 0);

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static HttpTask read(String name, JsonBody body, AllowedHosts hosts) {
    HttpTaskBody read = BodyReader.read(body, HttpTaskBody.class);
    if (read.url != null) {
      hosts.problem(read.url).ifPresent(code -> body.violation("url", Reason.of(code)));
    }
    if ((read.url == null) != (read.secret == null)) {
      body.violation("secret", Reason.of("secret-and-url"));
    }
    ObjectNode schema = read.parameters == null ? NONE : read.parameters;
    try {
      ParameterSchema.of(schema);
    } catch (IllegalArgumentException e) {
      body.violation(
          "parameters", Reason.of("not-a-schema", "message", String.valueOf(e.getMessage())));
    }
    body.check();
    return new HttpTask(
        name,
        read.description == null ? "" : read.description,
        read.url,
        read.secret,
        read.timeoutMillis == null ? TIMEOUT_MILLIS : read.timeoutMillis,
        read.concurrency == null ? CONCURRENCY : read.concurrency,
        schema.toString());
  }
}
