package dev.rowmill.dispatch.statement;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a value of a saved statement's parameter is. */
public enum ParameterType {
  /** A whole number. */
  INTEGER("not-a-whole-number", true, JsonNodeFactory.instance.numberNode(1)),
  /** A number, or a text that is one. */
  DECIMAL("not-a-number", true, JsonNodeFactory.instance.numberNode(1)),
  /** A text. */
  TEXT("not-a-text", false, JsonNodeFactory.instance.textNode("")),
  /** True or false. */
  BOOLEAN("not-a-boolean", false, JsonNodeFactory.instance.booleanNode(true)),
  /** A text such as {@code 2026-01-31}. */
  DATE("not-a-date", true, JsonNodeFactory.instance.textNode("2000-01-01")),
  /** A text such as {@code 2026-01-31T12:00:00}, or with an offset behind it. */
  DATETIME("not-a-date-time", true, JsonNodeFactory.instance.textNode("2000-01-01T00:00:00")),
  /** A text such as {@code -12:30:00.5}. */
  TIME("not-a-time-span", true, JsonNodeFactory.instance.textNode("00:00:00")),
  /** Any value of JSON but null, as a document. */
  JSON("not-null", false, JsonNodeFactory.instance.objectNode()),
  /** A text with bytes in Base64. */
  BASE64("not-bytes", false, JsonNodeFactory.instance.textNode(""));

  private static final Pattern TIME_SPAN =
      Pattern.compile("(-?)(\\d{1,3}):([0-5]\\d)(?::([0-5]\\d(?:\\.\\d{1,30})?))?");

  /** Seconds of 838:59:59. */
  private static final BigDecimal LONGEST_SPAN = BigDecimal.valueOf(838 * 3600 + 59 * 60 + 59);

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d{1,200}(\\.\\d{0,200})?|\\.\\d{1,200})([eE][+-]?\\d{1,3})?");

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

  /**
   * Returns a value without the object that names its type: callers may give {@code {"date": …}}
   * for a date as well as the text alone. Any object is a document to a parameter that is JSON.
   */
  JsonNode bare(JsonNode value) {
    return isNamed() && this != JSON && value.size() == 1 && value.has(text())
        ? value.get(text())
        : value;
  }

  /**
   * Returns a good value in the form in which it says by itself of which type it is. Texts, whole
   * numbers, other numbers and booleans do so as they are, and so does null.
   */
  JsonNode named(JsonNode value) {
    JsonNode bare = bare(value);
    return !isNamed() || value.isNull() || (this == DECIMAL && bare.isNumber())
        ? bare
        : JsonNodeFactory.instance.objectNode().set(text(), bare);
  }

  /** Takes a value of a saved statement's parameter out of the object that names its type. */
  public static JsonNode unnamed(JsonNode value) {
    if (value.isArray()) {
      ArrayNode bare = JsonNodeFactory.instance.arrayNode();
      value.forEach(item -> bare.add(unnamed(item)));
      return bare;
    }
    return value.isObject() && value.size() == 1 ? value.elements().next() : value;
  }

  /** Whether values are given to the server with the name of the type. */
  private boolean isNamed() {
    return switch (this) {
      case INTEGER, TEXT, BOOLEAN -> false;
      case DECIMAL, DATE, DATETIME, TIME, JSON, BASE64 -> true;
    };
  }

  /** How a value is told in a sentence. */
  String shown(JsonNode value) {
    JsonNode bare = bare(value);
    return bare.isValueNode() ? bare.asText() : bare.toString();
  }

  /** Why a value is none of this type; empty where it is one. */
  public Optional<Reason> problem(JsonNode given) {
    JsonNode value = bare(given);
    boolean good =
        switch (this) {
          case INTEGER -> value.isIntegralNumber();
          case DECIMAL ->
              value.isNumber() || (value.isTextual() && NUMBER.matcher(value.asText()).matches());
          case TEXT -> value.isTextual();
          case BOOLEAN -> value.isBoolean();
          case DATE, DATETIME -> value.isTextual() && time(value.textValue()).isPresent();
          case TIME -> value.isTextual() && span(value.textValue()).isPresent();
          case JSON -> !value.isNull();
          case BASE64 -> value.isTextual() && isBase64(value.textValue());
        };
    return good ? Optional.empty() : Optional.of(reason);
  }

  /**
   * Compares two values of this type.
   *
   * @return empty where they can't be compared: times of which one alone has an offset
   */
  Optional<Integer> compare(JsonNode first, JsonNode second) {
    JsonNode a = bare(first);
    JsonNode b = bare(second);
    return switch (this) {
      case INTEGER, DECIMAL -> Optional.of(number(a).compareTo(number(b)));
      case TEXT, BOOLEAN, BASE64 -> Optional.of(a.asText().compareTo(b.asText()));
      case JSON -> Optional.of(a.equals(b) ? 0 : 1);
      case TIME ->
          Optional.of(span(a.asText()).orElseThrow().compareTo(span(b.asText()).orElseThrow()));
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
    return value.isTextual() ? new BigDecimal(value.textValue()) : value.decimalValue();
  }

  /** Seconds; empty where the text is none, or longer than a server's TIME. */
  private static Optional<BigDecimal> span(String text) {
    Matcher span = TIME_SPAN.matcher(text);
    if (!span.matches()) {
      return Optional.empty();
    }
    BigDecimal seconds =
        new BigDecimal(span.group(2))
            .multiply(BigDecimal.valueOf(60))
            .add(new BigDecimal(span.group(3)))
            .multiply(BigDecimal.valueOf(60))
            .add(span.group(4) == null ? BigDecimal.ZERO : new BigDecimal(span.group(4)));
    if (seconds.compareTo(LONGEST_SPAN) > 0) {
      return Optional.empty();
    }
    return Optional.of(span.group(1).isEmpty() ? seconds : seconds.negate());
  }

  private static boolean isBase64(String text) {
    try {
      return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text)).equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
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
