package dev.rowmill.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Window;
import dev.rowmill.task.Refusal.Reason;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the window of a body. Stateless. */
final class WindowReader {

  private WindowReader() {}

  /** Returns the window; null when it is invalid. Violations are collected in the body. */
  static @Nullable Window read(JsonBody body) {
    body.refuseUnknown(Set.of("from", "to", "zone", "days"));
    LocalTime from = parsed(body, "from", "not-a-time", LocalTime::parse);
    LocalTime to = parsed(body, "to", "not-a-time", LocalTime::parse);
    ZoneId zone = parsed(body, "zone", "not-a-zone", ZoneId::of);
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    List<JsonNode> items = body.items("days", DayOfWeek.values().length);
    for (JsonNode item : items == null ? List.<JsonNode>of() : items) {
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
    String text = body.text(name, Integer.MAX_VALUE);
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
}
