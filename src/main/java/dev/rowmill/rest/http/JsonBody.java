package dev.rowmill.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a JSON object strictly: a text must be a JSON string and a number a JSON
 * number. Collects all violations, for {@link #check()} to report them together. A member that is
 * null counts as left out. For one thread.
 */
public final class JsonBody {

  private final String path;
  private final ObjectNode node;
  private final List<Violation> violations;

  private JsonBody(String path, ObjectNode node, List<Violation> violations) {
    this.path = path;
    this.node = node;
    this.violations = violations;
  }

  /**
   * Reads a body.
   *
   * @throws InvalidRequestException when the bytes are not exactly one valid JSON object
   */
  public static JsonBody of(byte @Nullable [] bytes) {
    return new JsonBody("", StrictJson.object(bytes), new ArrayList<>());
  }

  /** Returns the object as it was received. */
  public ObjectNode node() {
    return node;
  }

  /**
   * Reports the collected violations; must be called after the last member.
   *
   * @throws InvalidRequestException with all violations, when there are any
   */
  public void check() {
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
  }

  public void violation(String name, Reason reason) {
    violations.add(new Violation(path + name, reason));
  }

  void refuseUnknown(Set<String> known) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                violation(StrictJson.shown(name), Reason.of("unknown-member"));
              }
            });
  }

  public boolean has(String name) {
    return node.hasNonNull(name);
  }

  @Nullable String text(String name, int longest) {
    if (!has(name)) {
      return null;
    }
    JsonNode value = node.get(name);
    if (!value.isTextual()) {
      violation(name, Reason.of("not-a-text"));
      return null;
    }
    String text = value.textValue();
    if (text.length() > longest && text.codePointCount(0, text.length()) > longest) {
      violation(name, Reason.of("too-long", "max", String.valueOf(longest)));
    }
    return text;
  }

  @Nullable String textNotBlank(String name, int longest) {
    String value = text(name, longest);
    if (value != null && value.isBlank()) {
      violation(name, Reason.of("blank"));
      return null;
    }
    return value;
  }

  @Nullable Integer integer(String name, int min, int max) {
    JsonNode value = node.get(name);
    if (value != null && !value.isNull() && !value.isIntegralNumber()) {
      violation(name, Reason.of("not-a-whole-number"));
      return null;
    }
    BigDecimal number = number(name, min, max);
    return number == null ? null : Integer.valueOf(number.intValueExact());
  }

  @Nullable Long wholeNumber(String name, long min, long max) {
    JsonNode value = node.get(name);
    if (value != null && !value.isNull() && !value.isIntegralNumber()) {
      violation(name, Reason.of("not-a-whole-number"));
      return null;
    }
    BigDecimal number = number(name, min, max);
    return number == null ? null : Long.valueOf(number.longValueExact());
  }

  /** Returns the items of a list; null when it is left out. An empty list is a violation. */
  @Nullable List<JsonNode> items(String name, int most) {
    if (!has(name)) {
      return null;
    }
    JsonNode value = node.get(name);
    if (!value.isArray() || value.isEmpty() || value.size() > most) {
      violation(name, Reason.of("not-a-list", "max", String.valueOf(most)));
      return null;
    }
    List<JsonNode> items = new ArrayList<>();
    value.forEach(items::add);
    return items;
  }

  @Nullable BigDecimal number(String name, long min, long max) {
    if (!has(name)) {
      return null;
    }
    if (!node.get(name).isNumber()) {
      violation(name, Reason.of("not-a-number"));
      return null;
    }
    BigDecimal value = node.get(name).decimalValue();
    if (value.compareTo(BigDecimal.valueOf(min)) < 0
        || value.compareTo(BigDecimal.valueOf(max)) > 0) {
      violation(
          name,
          new Reason(
              "out-of-range", Map.of("min", String.valueOf(min), "max", String.valueOf(max))));
      return null;
    }
    return value;
  }

  @Nullable Boolean bool(String name) {
    if (!has(name)) {
      return null;
    }
    if (!node.get(name).isBoolean()) {
      violation(name, Reason.of("not-a-boolean"));
      return null;
    }
    return node.get(name).booleanValue();
  }

  public @Nullable JsonBody object(String name) {
    if (!has(name)) {
      return null;
    }
    if (node.get(name) instanceof ObjectNode object) {
      return new JsonBody(path + name + ".", object, violations);
    }
    violation(name, Reason.of("not-an-object"));
    return null;
  }

  /** Returns the texts of an array; null when it is left out or invalid. */
  @Nullable List<String> texts(String name) {
    if (!has(name)) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    boolean good = node.get(name).isArray();
    for (JsonNode value : node.get(name)) {
      good &= value.isTextual();
      texts.add(value.asText());
    }
    if (good) {
      return texts;
    }
    violation(name, Reason.of("not-texts"));
    return null;
  }

  /** Returns the constant of an enum that a text names. */
  @Nullable Object constant(String name, Class<?> type) {
    String given = textNotBlank(name, Integer.MAX_VALUE);
    if (given == null) {
      return null;
    }
    List<String> texts = BodyReader.texts(type);
    int found = texts.indexOf(given);
    if (found >= 0) {
      return type.getEnumConstants()[found];
    }
    violation(name, Reason.of("not-one-of", "values", String.join(", ", texts)));
    return null;
  }
}
