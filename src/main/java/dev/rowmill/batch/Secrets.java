package dev.rowmill.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.task.Refusal;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values that nobody is to see, and how to show things without them. Immutable. */
public final class Secrets {

  /** What is shown in the place of a secret. */
  public static final String MASK = "******";

  /** There are none. */
  public static final Secrets NONE = new Secrets(List.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Shorter ones would be found in any text: they are looked for as the whole of one. */
  private static final int SHORTEST_PART = 3;

  private static final String CUT = "…";

  /** The longest first, as one may be a part of another. */
  private final List<String> values;

  private Secrets(List<String> values) {
    this.values = values.stream().sorted(Comparator.comparing(String::length).reversed()).toList();
  }

  /**
   * @param names of those parameters that are secret
   */
  public static Secrets of(JsonNode parameters, Set<String> names) {
    if (names.isEmpty()) {
      return NONE;
    }
    List<String> values = new ArrayList<>();
    names.forEach(name -> collect(parameters.path(name), values));
    return new Secrets(values);
  }

  private static void collect(JsonNode value, List<String> values) {
    if (value.isArray()) {
      value.forEach(item -> collect(item, values));
    } else if ((value.isTextual() || value.isNumber()) && !value.asText().isEmpty()) {
      values.add(value.asText());
    }
  }

  /** Those of a batch. */
  public static Secrets of(BatchView batch) {
    Set<String> names = batch.terms().secrets();
    return names.isEmpty() ? NONE : of(object(batch.parameters()), names);
  }

  /** Parameters as they may be shown: the same ones where none is secret. */
  public static ObjectNode masked(ObjectNode parameters, Set<String> names) {
    if (names.isEmpty()) {
      return parameters;
    }
    ObjectNode masked = parameters.deepCopy();
    names.stream().filter(masked::has).forEach(name -> masked.put(name, MASK));
    return masked;
  }

  /** Stored parameters as they may be shown. */
  public static String masked(String parameters, Set<String> names) {
    return names.isEmpty() ? parameters : masked(object(parameters), names).toString();
  }

  private static ObjectNode object(String parameters) {
    try {
      return (ObjectNode) JSON.readTree(parameters);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored parameters can't be read", e);
    }
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** A text without them. */
  public String text(String text) {
    String shown = text;
    for (String value : values) {
      if (shown.equals(value)
          || isBeginningOf(value, shown)
          || shown.equalsIgnoreCase(hex(value))) {
        return MASK;
      }
      if (value.length() >= SHORTEST_PART) {
        shown = shown.replace(value, MASK);
      }
    }
    return shown;
  }

  private static boolean isBeginningOf(String value, String shown) {
    return shown.endsWith(CUT)
        && value.startsWith(shown.substring(0, shown.length() - CUT.length()));
  }

  private static String hex(String value) {
    return HexFormat.of()
        .formatHex(value.getBytes(StandardCharsets.UTF_8))
        .toUpperCase(Locale.ROOT);
  }

  /**
   * A server's message without them. As it may quote a part of one, or in other words, all that is
   * in quotes goes: from the first quote to the last, since what is quoted may hold some itself.
   */
  public String message(String message) {
    if (isEmpty()) {
      return message;
    }
    int first = message.indexOf('\'');
    int last = message.lastIndexOf('\'');
    return text(
        last > first ? message.substring(0, first + 1) + MASK + message.substring(last) : message);
  }

  /** A value of JSON's kind without them, whatever is in it. */
  public @Nullable Object value(@Nullable Object value) {
    if (isEmpty() || value == null) {
      return value;
    } else if (value instanceof String text) {
      return text(text);
    } else if (value instanceof Number number) {
      return values.stream().anyMatch(secret -> isSame(secret, number)) ? MASK : value;
    } else if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>();
      map.forEach((name, each) -> shown.put(String.valueOf(name), value(each)));
      return shown;
    } else if (value instanceof List<?> list) {
      List<@Nullable Object> shown = new ArrayList<>();
      list.forEach(each -> shown.add(value(each)));
      return shown;
    }
    return value;
  }

  /** A refusal without them. */
  public Refusal refusal(Refusal refusal) {
    return isEmpty()
        ? refusal
        : new Refusal(
            refusal.type(),
            members(refusal.members()),
            refusal.reasons().stream()
                .map(
                    reason ->
                        new Refusal.Reason(
                            reason.code(),
                            reason.arguments().entrySet().stream()
                                .collect(
                                    Collectors.toMap(
                                        Map.Entry::getKey,
                                        it -> argument(it.getKey(), it.getValue())))))
                .toList());
  }

  private String argument(String name, String value) {
    return name.equals("message") ? message(value) : text(value);
  }

  /**
   * Asks a question that may fail with what a server quotes.
   *
   * @throws RuntimeException what the question throws, without secrets: a refusal, or an error with
   *     its message alone, unless it is one that passes
   */
  public <T> T guard(Supplier<T> question) {
    if (isEmpty()) {
      return question.get();
    }
    try {
      return question.get();
    } catch (Refusal e) {
      throw refusal(e);
    } catch (RuntimeException e) {
      Optional<SQLException> sql = DatabaseFailure.sqlException(e);
      if (sql.isEmpty() || DatabaseFailure.of(e).filter(DatabaseFailure::isTransient).isPresent()) {
        throw e;
      }
      throw new IllegalStateException(message(String.valueOf(sql.get().getMessage())));
    }
  }

  /** The members of a problem document without them. */
  public Map<String, Object> members(Map<String, Object> members) {
    if (isEmpty()) {
      return members;
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    members.forEach(
        (name, value) -> {
          Object masked =
              name.equals("message") && value instanceof String text ? message(text) : value(value);
          if (masked != null) {
            shown.put(name, masked);
          }
        });
    return shown;
  }

  private static boolean isSame(String secret, Number number) {
    try {
      return new BigDecimal(secret).compareTo(new BigDecimal(number.toString())) == 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
