package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body that changes a batch. */
@RegisterForReflection
public record ChangeBody(
    @JsonUnwrapped SettingsBody settings,
    @Schema(
            description =
                "For a scheduled batch: the new time of its start, with an offset; at most 366 days"
                    + " ahead",
            format = "date-time")
        @Size(min = 1, max = StartTime.LONGEST)
        @Nullable String startAt) {

  /** Represents the change that a body requests. */
  record Change(SettingsChange settings, @Nullable Instant startAt) {}

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException when the bytes are no JSON object, or with all violations of
   *     its members
   */
  static Change read(byte[] bytes, Instant now) {
    JsonBody body = JsonBody.of(bytes);
    ChangeBody read = BodyReader.read(body, ChangeBody.class);
    StartTime.check(body, "startAt", read.startAt);
    body.check();
    if (read.startAt == null) {
      return new Change(read.settings.requested(body), null);
    }
    Instant startAt = StartTime.of(read.startAt);
    if (!StartTime.isAllowed(startAt, now)) {
      throw new InvalidRequestException("startAt", StartTime.reason());
    }
    return new Change(read.settings.requested(body), startAt);
  }
}
