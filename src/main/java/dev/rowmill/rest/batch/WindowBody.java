package dev.rowmill.rest.batch;

import dev.rowmill.batch.Window;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the times of day in which a batch may run. */
@RegisterForReflection
@Schema(
    name = "Window",
    description =
        "Times of day in which a batch may run, as a clock on the wall of the zone shows them")
public record WindowBody(
    @Schema(description = "Begin", examples = "22:00") String from,
    @Schema(
            description = "End; where it is not after the begin, it is the next day's",
            examples = "05:00")
        String to,
    @Schema(description = "Time zone", examples = "Europe/Berlin") String zone,
    @Schema(description = "Days on which it begins", examples = "mon") List<String> days) {

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
