package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Window;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.task.Refusal.Reason;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the bounds of a start or a saved statement. Stateless. */
public final class BoundsBody {

  public static final String MAX_ROWS = "maxRows";
  public static final String MAX_DURATION = "maxDurationMillis";
  public static final String WINDOW = "window";

  public static final Set<String> MEMBERS = Set.of(MAX_ROWS, MAX_DURATION, WINDOW);

  /** Limits the duration that a batch may be given, in milliseconds (365 days). */
  public static final long LONGEST_DURATION = 31_536_000_000L;

  private BoundsBody() {}

  /** Reads the bounds of a body that may have other members, too. */
  public static Bounds of(JsonBody body) {
    return new Bounds(
        body.wholeNumber(MAX_ROWS, 1, Long.MAX_VALUE),
        body.wholeNumber(MAX_DURATION, 1, LONGEST_DURATION),
        window(body.object(WINDOW)));
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
    refuseMore(MAX_ROWS, own.maxRows(), most.maxRows());
    refuseMore(MAX_DURATION, own.maxDurationMillis(), most.maxDurationMillis());
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
