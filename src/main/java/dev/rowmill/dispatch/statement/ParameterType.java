package dev.rowmill.dispatch.statement;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/** Lists the types of a saved statement's parameters. */
public enum ParameterType {
  /** Accepts a whole number. */
  INTEGER("not-a-whole-number", true, JsonNodeFactory.instance.numberNode(1)),
  /** Accepts a number, or a text that contains one. */
  DECIMAL("not-a-number", true, JsonNodeFactory.instance.numberNode(1)),
  /** Accepts a text. */
  TEXT("not-a-text", false, JsonNodeFactory.instance.textNode("")),
  /** Accepts true or false. */
  BOOLEAN("not-a-boolean", false, JsonNodeFactory.instance.booleanNode(true)),
  /** Accepts a text such as {@code 2026-01-31}. */
  DATE("not-a-date", true, JsonNodeFactory.instance.textNode("2000-01-01")),
  /** Accepts a text such as {@code 2026-01-31T12:00:00}, optionally with an offset at its end. */
  DATETIME("not-a-date-time", true, JsonNodeFactory.instance.textNode("2000-01-01T00:00:00")),
  /** Accepts a text such as {@code -12:30:00.5}. */
  TIME("not-a-time-span", true, JsonNodeFactory.instance.textNode("00:00:00")),
  /** Accepts any JSON value except null, as a document. */
  JSON("not-null", false, JsonNodeFactory.instance.objectNode()),
  /** Accepts a text with bytes in Base64. */
  BASE64("not-bytes", false, JsonNodeFactory.instance.textNode(""));

  private static final Pattern TIME_SPAN =
      Pattern.compile("(-?)(\\d{1,3}):([0-5]\\d)(?::([0-5]\\d(?:\\.\\d{1,30})?))?");

  /** Equals 838:59:59, in seconds. */
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

  /** Returns the name of the type in requests and responses. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Checks whether values of the type can have a minimum and a maximum. */
  public boolean isOrdered() {
    return ordered;
  }

  /**
   * Returns a value without the object that names its type. Callers may pass {@code {"date": …}}
   * for a date as well as the text alone. For a JSON parameter every object is a document.
   */
  JsonNode bare(JsonNode value) {
    return isNamed() && this != JSON && value.size() == 1 && value.has(text())
        ? value.get(text())
        : value;
  }

  /**
   * Returns a valid value in the form that names its type. Texts, whole numbers, other numbers and
   * booleans need no name, and null needs none either.
   */
  JsonNode named(JsonNode value) {
    JsonNode bare = bare(value);
    return !isNamed() || value.isNull() || (this == DECIMAL && bare.isNumber())
        ? bare
        : JsonNodeFactory.instance.objectNode().set(text(), bare);
  }

  /**
   * Returns the values of a saved statement's parameters, with each object such as {@code {"date":
   * "…"}} replaced by its bare text.
   */
  public static ObjectNode unnamed(ObjectNode values) {
    ObjectNode bare = JsonNodeFactory.instance.objectNode();
    values.properties().forEach(member -> bare.set(member.getKey(), unnamed(member.getValue())));
    return bare;
  }

  /** Returns the value of a saved statement's parameter without the object that names its type. */
  private static JsonNode unnamed(JsonNode value) {
    if (value.isArray()) {
      ArrayNode bare = JsonNodeFactory.instance.arrayNode();
      value.forEach(item -> bare.add(unnamed(item)));
      return bare;
    }
    return value.isObject() && value.size() == 1 ? value.elements().next() : value;
  }

  /** Checks whether values are passed to the server together with the name of the type. */
  private boolean isNamed() {
    return switch (this) {
      case INTEGER, TEXT, BOOLEAN -> false;
      case DECIMAL, DATE, DATETIME, TIME, JSON, BASE64 -> true;
    };
  }

  /** Returns a value as it appears in a sentence. */
  String shown(JsonNode value) {
    JsonNode bare = bare(value);
    return bare.isValueNode() ? bare.asText() : bare.toString();
  }

  /** Returns why a value is not of this type; empty where it is. */
  public Optional<Reason> problem(JsonNode given) {
    JsonNode value = bare(given);
    boolean valid =
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
    return valid ? Optional.empty() : Optional.of(reason);
  }

  /**
   * Compares two values of this type.
   *
   * @return empty where they can't be compared: two times of which only one has an offset
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

  /** Parses a time span to seconds; empty where the text is invalid, or exceeds a server's TIME. */
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

  /** Parses a text with an offset to an {@link Instant}, any other to a {@link LocalDateTime}. */
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

  /** Returns an example value of this type. */
  JsonNode sample() {
    return sample;
  }
}
