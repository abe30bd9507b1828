package dev.rowmill.batch;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Represents the times of day in which a batch may run, in local time of a zone. So an hour that a
 * change to summer time skips is never open. An hour that occurs twice in autumn is open twice.
 * Immutable.
 *
 * @param to first moment that is outside again; on the next day unless it is after {@code from}
 * @param days days on which it begins; an empty set for all
 */
public record Window(LocalTime from, LocalTime to, ZoneId zone, Set<DayOfWeek> days) {

  private static final int SHORT = 3;
  private static final Pattern TEXT = Pattern.compile("([0-9:]+)-([0-9:]+) (\\S+)(?: (\\S+))?");

  public Window {
    days = days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : EnumSet.copyOf(days);
    days = Set.copyOf(days);
  }

  /**
   * Parses a window such as {@code 22:00-05:00 Europe/Berlin} or {@code 22:00-05:00 Europe/Berlin
   * mon,tue}.
   *
   * @throws IllegalArgumentException when the text is not a window
   */
  public static Window parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not a window such as 22:00-05:00 Europe/Berlin: " + text);
    }
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    String codes = parts.group(4);
    for (String code : codes == null ? new String[0] : codes.split(",")) {
      days.add(
          day(code)
              .orElseThrow(() -> new IllegalArgumentException("not a day such as mon: " + code)));
    }
    try {
      return new Window(
          LocalTime.parse(parts.group(1)),
          LocalTime.parse(parts.group(2)),
          ZoneId.of(parts.group(3)),
          days);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "not a window such as 22:00-05:00 Europe/Berlin: " + text, e);
    }
  }

  /** Returns whether a moment is within the window. */
  public boolean isOpen(Instant moment) {
    ZonedDateTime shown = moment.atZone(zone);
    LocalTime time = shown.toLocalTime();
    DayOfWeek today = shown.getDayOfWeek();
    boolean begun = days.contains(today) && !time.isBefore(from);
    return from.isBefore(to)
        ? begun && time.isBefore(to)
        : begun || (days.contains(today.minus(1)) && time.isBefore(to));
  }

  /**
   * Returns when it opens next, such as {@code 22:00 Europe/Berlin}, with the day if that is
   * another.
   */
  public String opens(Instant moment) {
    ZonedDateTime shown = moment.atZone(zone);
    DayOfWeek today = shown.getDayOfWeek();
    int ahead = shown.toLocalTime().isBefore(from) ? 0 : 1;
    while (!days.contains(today.plus(ahead))) {
      ahead++;
    }
    boolean soon = ahead == 0 || days.size() == DayOfWeek.values().length;
    return (soon ? "" : code(today.plus(ahead)) + " ") + from + " " + zone;
  }

  /** Returns the codes of its days in their order, such as {@code mon}. */
  public List<String> dayCodes() {
    return Arrays.stream(DayOfWeek.values()).filter(days::contains).map(Window::code).toList();
  }

  /** Returns the codes of all days. */
  public static List<String> allDayCodes() {
    return Arrays.stream(DayOfWeek.values()).map(Window::code).toList();
  }

  /** Returns the day of a code. */
  public static Optional<DayOfWeek> day(String code) {
    return Arrays.stream(DayOfWeek.values()).filter(day -> code(day).equals(code)).findFirst();
  }

  private static String code(DayOfWeek day) {
    return day.name().substring(0, SHORT).toLowerCase(Locale.ROOT);
  }

  @JsonValue
  ObjectNode toJson() {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("from", from.toString())
            .put("to", to.toString())
            .put("zone", zone.toString());
    dayCodes().forEach(json.putArray("days")::add);
    return json;
  }

  @JsonCreator
  static Window of(JsonNode json) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    json.path("days").forEach(code -> day(code.asText()).ifPresent(days::add));
    return new Window(
        LocalTime.parse(json.path("from").asText()),
        LocalTime.parse(json.path("to").asText()),
        ZoneId.of(json.path("zone").asText()),
        days);
  }
}
