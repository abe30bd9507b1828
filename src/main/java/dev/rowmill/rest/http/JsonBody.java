package dev.rowmill.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.task.Refusal.Reason;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a JSON object strictly: a text must be a JSON string and a number a JSON
 * number. Collects all violations, for {@link #check()} to report them together. A member that is
 * null counts as left out. For one thread.
 */
public final class JsonBody {

  private static final byte[] EMPTY_OBJECT = "{}".getBytes(StandardCharsets.UTF_8);

  private final String path;
  private final ObjectNode node;
  private final List<Violation> violations;
  private List<String> order = List.of();

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

  /** Reads an object that was read strictly before. */
  public static JsonBody ofRead(ObjectNode node) {
    return new JsonBody("", node, new ArrayList<>());
  }

  /**
   * Reads a body that may be left out; without it, the object has no members.
   *
   * @throws InvalidRequestException when the bytes are not exactly one valid JSON object
   */
  public static JsonBody ofOptional(@Nullable InputStream body) {
    byte[] bytes = body == null ? new byte[0] : RequestBytes.of(body);
    return of(bytes.length == 0 ? EMPTY_OBJECT : bytes);
  }

  /** Returns the object as it was received. */
  public ObjectNode node() {
    return node;
  }

  /**
   * Reports the collected violations in the order of the members, unknown ones first; must be
   * called after the last member.
   *
   * @throws InvalidRequestException with all violations, when there are any
   */
  public void check() {
    if (!violations.isEmpty()) {
      violations.sort(Comparator.comparingInt(it -> order.indexOf(it.field().split("\\.", 2)[0])));
      throw new InvalidRequestException(violations);
    }
  }

  public void violation(String name, Reason reason) {
    // The object as a whole has no name of its own.
    String field = path + name;
    violations.add(
        new Violation(
            name.isEmpty() && field.endsWith(".") ? field.substring(0, field.length() - 1) : field,
            reason));
  }

  void refuseUnknown(Set<String> known) {
    order = List.copyOf(known);
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

  /** Returns a member of the required kind; null when it is left out or of another kind. */
  private @Nullable JsonNode member(String name, Predicate<JsonNode> kind, String code) {
    return member(name, kind, Reason.of(code));
  }

  private @Nullable JsonNode member(String name, Predicate<JsonNode> kind, Reason otherwise) {
    if (!has(name)) {
      return null;
    }
    JsonNode value = node.get(name);
    if (kind.test(value)) {
      return value;
    }
    violation(name, otherwise);
    return null;
  }

  @Nullable String text(String name, int longest) {
    JsonNode value = member(name, JsonNode::isTextual, "not-a-text");
    if (value == null) {
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

  boolean hasText(String name) {
    return node.path(name).isTextual();
  }

  /** Returns whether a member is a certain text; any other text is a violation. */
  boolean isText(String name, String text) {
    boolean is = text.equals(node.path(name).textValue());
    if (!is) {
      violation(name, Reason.of("not-a-whole-number-or", "text", text));
    }
    return is;
  }

  @Nullable Long wholeNumber(String name, long min, long max) {
    JsonNode value = member(name, JsonNode::isIntegralNumber, "not-a-whole-number");
    return value == null || number(name, min, max) == null ? null : (Long) value.longValue();
  }

  @Nullable BigDecimal number(String name, long min, long max) {
    JsonNode number = member(name, JsonNode::isNumber, "not-a-number");
    if (number == null) {
      return null;
    }
    BigDecimal value = number.decimalValue();
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
    JsonNode value = member(name, JsonNode::isBoolean, "not-a-boolean");
    return value == null ? null : (Boolean) value.booleanValue();
  }

  public @Nullable JsonBody object(String name) {
    JsonNode value = member(name, JsonNode::isObject, "not-an-object");
    return value == null ? null : new JsonBody(path + name + ".", (ObjectNode) value, violations);
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

  /** Returns the objects of a list; null when it is left out or invalid. */
  public @Nullable List<JsonBody> objects(String name, int most) {
    JsonNode list =
        member(
            name,
            value -> isOfObjects(value) && value.size() <= most,
            Reason.of("not-objects", "max", String.valueOf(most)));
    if (list == null) {
      return null;
    }
    List<JsonBody> objects = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      objects.add(new JsonBody(path + name + "." + i + ".", (ObjectNode) list.get(i), violations));
    }
    return objects;
  }

  private static boolean isOfObjects(JsonNode value) {
    boolean all = value.isArray();
    for (JsonNode item : value) {
      all &= item.isObject();
    }
    return all;
  }

  /** Returns the texts of an array; null when it is left out or invalid. */
  @Nullable List<String> texts(String name) {
    JsonNode array = member(name, JsonBody::isOfTexts, "not-texts");
    if (array == null) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  private static boolean isOfTexts(JsonNode value) {
    boolean all = value.isArray();
    for (JsonNode item : value) {
      all &= item.isTextual();
    }
    return all;
  }

  /** Returns the constant of an enum that a text names. */
  @Nullable Object constant(String name, Class<?> type) {
    String given = textNotBlank(name, Integer.MAX_VALUE);
    List<String> texts = BodyReader.texts(type);
    int found = texts.indexOf(given);
    if (given != null && found < 0) {
      violation(name, Reason.of("not-one-of", "values", String.join(", ", texts)));
    }
    return found < 0 ? null : type.getEnumConstants()[found];
  }
}
