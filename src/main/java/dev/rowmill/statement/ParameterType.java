package dev.rowmill.statement;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;

/** What a value of a saved statement's parameter is. */
public enum ParameterType {
  /** A whole number. */
  INTEGER("not-a-whole-number", true, JsonNodeFactory.instance.numberNode(1)),
  /** A number. */
  DECIMAL("not-a-number", true, JsonNodeFactory.instance.numberNode(1)),
  /** A text. */
  TEXT("not-a-text", false, JsonNodeFactory.instance.textNode("")),
  /** True or false. */
  BOOLEAN("not-a-boolean", false, JsonNodeFactory.instance.booleanNode(true)),
  /** A text such as {@code 2026-01-31}. */
  DATE("not-a-date", true, JsonNodeFactory.instance.textNode("2000-01-01")),
  /** A text such as {@code 2026-01-31T12:00:00}, or with an offset behind it. */
  DATETIME("not-a-date-time", true, JsonNodeFactory.instance.textNode("2000-01-01T00:00:00"));

  private final Reason reason;
  private final boolean ordered;
  private final JsonNode sample;

  ParameterType(String code, boolean ordered, JsonNode sample) {
    this.reason = Reason.of(code);
    this.ordered = ordered;
    this.sample = sample;
  }

  /** The name that callers know it by. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether its values can have a minimum and a maximum. */
  public boolean isOrdered() {
    return ordered;
  }

  /** Why a value is none of this type; empty where it is one. */
  public Optional<Reason> problem(JsonNode value) {
    boolean good =
        switch (this) {
          case INTEGER -> value.isIntegralNumber();
          case DECIMAL -> value.isNumber();
          case TEXT -> value.isTextual();
          case BOOLEAN -> value.isBoolean();
          case DATE, DATETIME -> value.isTextual() && time(value.textValue()).isPresent();
        };
    return good ? Optional.empty() : Optional.of(reason);
  }

  /**
   * Compares two values of this type.
   *
   * @return empty where they can't be compared: times of which one alone has an offset
   */
  Optional<Integer> compare(JsonNode a, JsonNode b) {
    return switch (this) {
      case INTEGER, DECIMAL -> Optional.of(number(a).compareTo(number(b)));
      case TEXT, BOOLEAN -> Optional.of(a.asText().compareTo(b.asText()));
      case DATE, DATETIME -> compareTimes(a.textValue(), b.textValue());
    };
  }

  private Optional<Integer> compareTimes(String a, String b) {
    Object first = time(a).orElseThrow();
    Object second = time(b).orElseThrow();
    if (first instanceof Instant one && second instanceof Instant two) {
      return Optional.of(one.compareTo(two));
    } else if (first instanceof LocalDateTime one && second instanceof LocalDateTime two) {
      return Optional.of(one.compareTo(two));
    }
    return Optional.empty();
  }

  private static BigDecimal number(JsonNode value) {
    return value.decimalValue();
  }

  /** An {@link Instant} where the text has an offset, else a {@link LocalDateTime}. */
  private Optional<Object> time(String text) {
    try {
      return Optional.of(this == DATE ? LocalDate.parse(text).atStartOfDay() : dateTime(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Object dateTime(String text) {
    try {
      return LocalDateTime.parse(text);
    } catch (DateTimeException e) {
      return OffsetDateTime.parse(text).toInstant();
    }
  }

  /** Some value of it. */
  JsonNode sample() {
    return sample;
  }
}
