package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Window;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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
    @Schema(ref = "#/components/schemas/Window") @Nullable ObjectNode window) {

  private static final String WINDOW = "window";

  /** Limits the duration that a batch may be given, in milliseconds (365 days). */
  private static final long LONGEST_DURATION = 31_536_000_000L;

  /**
   * Returns the bounds.
   *
   * @param body collects the violations of the window
   */
  Bounds bounds(JsonBody body) {
    return new Bounds(
        maxRows, maxDurationMillis, window == null ? null : window(body.object(WINDOW)));
  }

  private static @Nullable Window window(@Nullable JsonBody body) {
    if (body == null) {
      return null;
    }
    body.refuseUnknown(Set.of("from", "to", "zone", "days"));
    LocalTime from = parsed(body, "from", "not-a-time", LocalTime::parse);
    LocalTime to = parsed(body, "to", "not-a-time", LocalTime::parse);
    ZoneId zone = parsed(body, "zone", "not-a-zone", ZoneId::of);
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (JsonNode item : body.items("days", DayOfWeek.values().length)) {
      Optional<DayOfWeek> day = Window.day(item.asText());
      if (day.isPresent()) {
        days.add(day.get());
      } else {
        body.violation(
            "days", Reason.of("not-one-of", "values", String.join(", ", Window.allDayCodes())));
      }
    }
    return from == null || to == null || zone == null ? null : new Window(from, to, zone, days);
  }

  private static <T> @Nullable T parsed(
      JsonBody body, String name, String code, Function<String, T> parse) {
    String text = body.text(name);
    try {
      if (text != null) {
        return parse.apply(text);
      }
    } catch (DateTimeException e) {
      // Reported below, like a missing value.
    }
    body.violation(name, Reason.of(code));
    return null;
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
      throw new InvalidRequestException(WINDOW, Reason.of("window-set"));
    }
    return own.or(most);
  }

  private static void refuseMore(String name, @Nullable Long own, @Nullable Long most) {
    if (own != null && most != null && own > most) {
      throw new InvalidRequestException(name, Reason.of("too-large", "max", most.toString()));
    }
  }
}
