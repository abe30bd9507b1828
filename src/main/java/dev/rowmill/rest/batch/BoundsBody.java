package dev.rowmill.rest.batch;

import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Window;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the bounds of a start or a saved statement in a request. */
@RegisterForReflection
public record BoundsBody(
    @Schema(
            description =
                "Maximum number of rows that it may plan to change, and change; may only narrow"
                    + " the configured bounds")
        @Min(1)
        @Nullable Long maxRows,
    @Schema(
            description =
                "Maximum total duration of its runs in milliseconds, without the time outside"
                    + " of its window")
        @Min(1)
        @Max(LONGEST_DURATION)
        @Nullable Long maxDurationMillis,
    @Schema(ref = "#/components/schemas/Window") @Nullable Window window) {

  /** Limits the duration that a batch may be given, in milliseconds (365 days). */
  static final long LONGEST_DURATION = 31_536_000_000L;

  /** Returns the bounds, completed by others where this has none. */
  Bounds over(Bounds others) {
    return new Bounds(maxRows, maxDurationMillis, window).or(others);
  }

  /**
   * Combines the bounds of a start with the bounds that apply anyway, which it may only narrow.
   *
   * @param own bounds that the start requests
   * @param most bounds that it may not exceed
   * @throws InvalidRequestException when the start requests more, or another window
   */
  static Bounds tightened(Bounds own, Bounds most) {
    refuseMore("maxRows", own.maxRows(), most.maxRows());
    refuseMore("maxDurationMillis", own.maxDurationMillis(), most.maxDurationMillis());
    if (own.window() != null && most.window() != null && !own.window().equals(most.window())) {
      throw new InvalidRequestException("window", Reason.of("window-set"));
    }
    return own.or(most);
  }

  private static void refuseMore(String name, @Nullable Long own, @Nullable Long most) {
    if (own != null && most != null && own > most) {
      throw new InvalidRequestException(name, Reason.of("too-large", "max", most.toString()));
    }
  }
}
