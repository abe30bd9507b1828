package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.task.Refusal.Reason;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and computes parameters that are relative to a firing, such as {@code {"now": "-P90D",
 * "precision": "day"}}. Stateless.
 */
final class RelativeTimes {

  private static final String NOW = "now";
  private static final String PRECISION = "precision";
  private static final String EPOCH = "epoch";
  private static final String MILLISECONDS = "milliseconds";

  private static final List<String> EPOCHS = List.of("seconds", MILLISECONDS);

  private static final Pattern AMOUNT =
      Pattern.compile(
          "([+-]?)P(?=.)((?:\\d{1,5}Y)?(?:\\d{1,5}M)?(?:\\d{1,5}W)?(?:\\d{1,6}D)?)"
              + "(?:T(?=.)((?:\\d{1,7}H)?(?:\\d{1,8}M)?(?:\\d{1,9}S)?))?");

  /** Maps each precision to its unit; those of a day and more make dates. */
  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "second", ChronoUnit.SECONDS,
          "minute", ChronoUnit.MINUTES,
          "hour", ChronoUnit.HOURS,
          "day", ChronoUnit.DAYS,
          "month", ChronoUnit.MONTHS,
          "year", ChronoUnit.YEARS);

  /** Lists the forms in which a value is passed on. */
  enum Form {
    /** Names its type, as a statement needs it. */
    TYPED,
    /** Is a date without its type. */
    DATE,
    /** Is a date and time without its type. */
    DATETIME,
    /** Is a date or a date and time without its type, by the precision. */
    PLAIN
  }

  private RelativeTimes() {}

  private static boolean isRelative(JsonNode value) {
    return value.isObject() && value.has(NOW);
  }

  /** Returns what is wrong with the relative ones among parameters. */
  static List<Violation> violations(JsonNode parameters, Instant now) {
    List<Violation> violations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      if (isRelative(parameter.getValue())) {
        parameter
            .getValue()
            .properties()
            .forEach(
                member ->
                    reason(member.getKey(), member.getValue(), now)
                        .map(
                            reason ->
                                new Violation(
                                    "parameters."
                                        + StrictJson.shown(parameter.getKey())
                                        + "."
                                        + StrictJson.shown(member.getKey()),
                                    reason))
                        .ifPresent(violations::add));
      }
    }
    return violations;
  }

  /** Returns what is wrong with a member of a relative parameter; empty when nothing is. */
  private static Optional<Reason> reason(String member, JsonNode value, Instant now) {
    String text = value.asText();
    return switch (member) {
      case NOW ->
          unless(
              AMOUNT.matcher(text).matches() && isComputable(text, now),
              Reason.of("relative-time"));
      case PRECISION ->
          unless(
              UNITS.containsKey(text),
              Reason.of("not-one-of", "values", "second, minute, hour, day, month, year"));
      case EPOCH ->
          unless(
              EPOCHS.contains(text), Reason.of("not-one-of", "values", String.join(", ", EPOCHS)));
      default -> Optional.of(Reason.of("unknown-member"));
    };
  }

  private static Optional<Reason> unless(boolean valid, Reason reason) {
    return valid ? Optional.empty() : Optional.of(reason);
  }

  /** Checks whether the time lies in the years that servers store. */
  private static boolean isComputable(String amount, Instant now) {
    try {
      int year = moved(amount, now.atZone(ZoneId.of("UTC"))).getYear();
      return year >= 1 && year <= 9998;
    } catch (DateTimeException | ArithmeticException e) {
      return false;
    }
  }

  /**
   * Returns the values of the relative ones among parameters.
   *
   * @param zone zone of dates, and of days that are added
   * @param form form of the value of a parameter
   */
  static ObjectNode values(
      JsonNode parameters, Instant fireAt, ZoneId zone, Function<String, Form> form) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      JsonNode value = parameter.getValue();
      if (isRelative(value)) {
        values.set(
            parameter.getKey(), value(value, fireAt.atZone(zone), form.apply(parameter.getKey())));
      }
    }
    return values;
  }

  /** Returns whether a text is a duration, longer than zero, that can be subtracted from now. */
  static boolean isAge(String text, Instant now) {
    Matcher parts = AMOUNT.matcher(text);
    return parts.matches()
        && parts.group(1).isEmpty()
        && text.chars().anyMatch(digit -> digit > '0' && digit <= '9')
        && isComputable("-" + text, now);
  }

  /** Returns the relative time that is a duration before the firing. */
  static ObjectNode before(String age) {
    return JsonNodeFactory.instance.objectNode().put(NOW, "-" + age);
  }

  /** Returns a relative parameter of a statement at a moment, as JSON's own types. */
  static Object valueAt(JsonNode relative, Instant moment, ZoneId zone) {
    return StrictJson.MAPPER.convertValue(
        value(relative, moment.atZone(zone), Form.TYPED), Object.class);
  }

  private static JsonNode value(JsonNode relative, ZonedDateTime fireAt, Form form) {
    String precision = relative.path(PRECISION).asText("second");
    ChronoUnit unit = Optional.ofNullable(UNITS.get(precision)).orElse(ChronoUnit.SECONDS);
    ZonedDateTime moved = moved(relative.path(NOW).asText(), fireAt);
    ZonedDateTime cut =
        switch (unit) {
          case MONTHS -> moved.withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS);
          case YEARS -> moved.withDayOfYear(1).truncatedTo(ChronoUnit.DAYS);
          default -> moved.truncatedTo(unit);
        };
    if (relative.has(EPOCH)) {
      boolean isMillis = relative.path(EPOCH).asText().equals(MILLISECONDS);
      Instant time = cut.toInstant();
      return JsonNodeFactory.instance.numberNode(
          isMillis ? time.toEpochMilli() : time.getEpochSecond());
    }
    boolean isDate =
        form == Form.DATE || (form != Form.DATETIME && unit.compareTo(ChronoUnit.DAYS) >= 0);
    String text =
        isDate ? cut.toLocalDate().toString() : cut.toOffsetDateTime().toInstant().toString();
    return form == Form.TYPED
        ? JsonNodeFactory.instance.objectNode().put(isDate ? "date" : "datetime", text)
        : JsonNodeFactory.instance.textNode(text);
  }

  /** Adds calendar units in the zone, and hours and less as real time. */
  private static ZonedDateTime moved(String amount, ZonedDateTime from) {
    Matcher parts = AMOUNT.matcher(amount);
    if (!parts.matches()) {
      throw new DateTimeException("not a relative time: " + amount);
    }
    boolean isBack = parts.group(1).equals("-");
    Period period = parts.group(2).isEmpty() ? Period.ZERO : Period.parse("P" + parts.group(2));
    Duration time = parts.group(3) == null ? Duration.ZERO : Duration.parse("PT" + parts.group(3));
    return isBack ? from.minus(period).minus(time) : from.plus(period).plus(time);
  }
}
