package dev.rowmill.rest.batch;

import dev.rowmill.batch.Window;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a window: the times of day at which a batch may run. */
@RegisterForReflection
@Schema(
    name = "Window",
    description = "Times of day at which a batch may run, in the local time of the zone")
public record WindowBody(
    @Schema(description = "Beginning", examples = "22:00") String from,
    @Schema(
            description = "End; when not after the beginning, it is on the next day",
            examples = "05:00")
        String to,
    @Schema(description = "Time zone", examples = "Europe/Berlin") String zone,
    @Schema(description = "Days on which the window begins", examples = "[\"mon\"]")
        List<String> days) {

  public static @Nullable WindowBody of(@Nullable Window window) {
    return window == null
        ? null
        : new WindowBody(
            window.from().toString(),
            window.to().toString(),
            window.zone().toString(),
            window.dayCodes());
  }
}
