package dev.rowmill.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.Refusal;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Holds the secret values of a batch, and masks them in texts and values. Immutable. */
public final class SecretValues {

  /** Replaces a secret. */
  public static final String MASK = "******";

  /** Contains no secrets. */
  public static final SecretValues NONE = new SecretValues(new Found());

  /** Rounds no number: a rounded one would be shown, and not be recognized as a secret. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /**
   * Limits the parts that are searched within a text; shorter ones would be found in any text, so
   * they are compared with the whole text.
   */
  private static final int SHORTEST_PART = 3;

  private static final String CUT = "…";

  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)"
              + "(Z|[+-]\\d\\d:\\d\\d)?");

  /** Matches a boolean as servers write it. */
  private static final Pattern BOOLEAN = Pattern.compile("\\b(TRUE|FALSE)\\b");

  /** Limits how far any local time is from UTC. */
  private static final Duration FARTHEST_OFFSET = Duration.ofHours(18);

  private static final Duration ROUNDING = Duration.ofSeconds(1);

  /** Sorts the longest first, as one may be a part of another. */
  private final List<String> values;

  private final List<Span> times;
  private final boolean booleans;

  /** Represents the local times that a secret moment may have, in the zone of any session. */
  private record Span(LocalDateTime from, LocalDateTime to) {
    boolean holds(LocalDateTime time) {
      return !time.isBefore(from) && !time.isAfter(to);
    }
  }

  /** Collects the secrets that parameters contain. */
  private static final class Found {
    final Set<String> values = new LinkedHashSet<>();
    final List<Span> times = new ArrayList<>();
    boolean booleans;

    void value(JsonNode value) {
      if (value.isArray()) {
        value.forEach(this::value);
      } else if (value.isObject()) {
        value.properties().forEach(member -> named(member.getKey(), member.getValue()));
      } else if (value.isBoolean()) {
        booleans = true;
      } else if (value.isTextual() || value.isNumber()) {
        text(value.asText());
      }
    }

    /** Adds a value with the name of its type. */
    private void named(String type, JsonNode value) {
      if (type.equals("base64") && value.isTextual()) {
        text(value.asText());
        bytes(value.asText());
      } else if (type.equals("json")) {
        document(value);
      } else {
        value(value);
      }
    }

    /** Adds a document, which may be shown whole, with the spaces of the server, or in part. */
    private void document(JsonNode value) {
      if (value.isContainerNode() && !value.isEmpty()) {
        text(value.toString());
        text(spaced(value));
        value.properties().forEach(member -> text(member.getKey()));
        value.forEach(this::document);
      } else if (value.isTextual() || value.isNumber()) {
        text(value.asText());
      }
    }

    private void bytes(String base64) {
      try {
        byte[] bytes = Base64.getDecoder().decode(base64);
        text(HexFormat.of().withUpperCase().formatHex(bytes));
        text(new String(bytes, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        // The value is rejected elsewhere.
      }
    }

    private void text(String text) {
      if (text.isEmpty()) {
        return;
      }
      values.add(text);
      String escaped = JsonNodeFactory.instance.textNode(text).toString();
      values.add(escaped.substring(1, escaped.length() - 1));
      Matcher time = DATE_TIME.matcher(text);
      if (time.matches()) {
        times(time).ifPresent(times::add);
      }
    }

    private static Optional<Span> times(Matcher time) {
      try {
        LocalDateTime local = local(time);
        if (time.group(3) == null) {
          return Optional.of(new Span(local.minus(ROUNDING), local.plus(ROUNDING)));
        }
        LocalDateTime utc = local.minusSeconds(ZoneOffset.of(time.group(3)).getTotalSeconds());
        return Optional.of(new Span(utc.minus(FARTHEST_OFFSET), utc.plus(FARTHEST_OFFSET)));
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }
  }

  private SecretValues(Found found) {
    this.values =
        found.values.stream().sorted(Comparator.comparing(String::length).reversed()).toList();
    this.times = List.copyOf(found.times);
    this.booleans = found.booleans;
  }

  private static LocalDateTime local(Matcher time) {
    return LocalDateTime.parse(time.group(1) + "T" + time.group(2));
  }

  /** Returns a document as both servers write it. */
  private static String spaced(JsonNode value) {
    if (value.isObject()) {
      return value.properties().stream()
          .map(
              member ->
                  JsonNodeFactory.instance.textNode(member.getKey())
                      + ": "
                      + spaced(member.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    } else if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(spaced(item)));
      return items.stream().collect(Collectors.joining(", ", "[", "]"));
    }
    return value.toString();
  }

  /**
   * @param names names of the secret parameters
   */
  public static SecretValues of(JsonNode parameters, Set<String> names) {
    if (names.isEmpty()) {
      return NONE;
    }
    var found = new Found();
    names.forEach(name -> found.value(parameters.path(name)));
    return new SecretValues(found);
  }

  /** Returns the secrets of a specification. */
  static SecretValues of(BatchSpec spec) {
    Set<String> names = spec.submission().secrets();
    return names.isEmpty() ? NONE : of(object(spec.work().parameters()), names);
  }

  /** Returns the parameters with secret values masked; the same object where none is secret. */
  public static ObjectNode masked(ObjectNode parameters, Set<String> names) {
    if (names.isEmpty()) {
      return parameters;
    }
    ObjectNode masked = parameters.deepCopy();
    names.stream().filter(masked::has).forEach(name -> masked.put(name, MASK));
    return masked;
  }

  /** Returns stored parameters as they may be shown. */
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

  /** Returns whether there are no secrets. */
  public boolean isEmpty() {
    return values.isEmpty() && !booleans;
  }

  /** Returns a text without the secrets. */
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
    return times.isEmpty() ? shown : DATE_TIME.matcher(shown).replaceAll(this::time);
  }

  /** Masks a time, which a server shows in the time zone of the session. */
  private String time(MatchResult found) {
    try {
      LocalDateTime local = LocalDateTime.parse(found.group(1) + "T" + found.group(2));
      if (times.stream().anyMatch(span -> span.holds(local))) {
        return MASK;
      }
    } catch (DateTimeException e) {
      // A text that is no valid time is not a secret.
    }
    return Matcher.quoteReplacement(found.group());
  }

  /** Returns the text of a statement without the secrets; booleans are words in it. */
  public String statement(String sql) {
    return booleans ? BOOLEAN.matcher(sql).replaceAll(MASK) : sql;
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
   * Returns the message of a server without the secrets. The message may quote a part of one, or
   * rephrase it. So everything from the first quote to the last is removed, since a quoted text may
   * contain quotes itself.
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

  /** Returns a value of a JSON type without the secrets in it. */
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

  /** Returns a refusal without the secrets. */
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
   * Runs an action whose errors may quote secret values.
   *
   * @throws RuntimeException the error of the action with secret values masked. A refusal stays
   *     one, any other SQL error is replaced by its message; transient errors are rethrown as they
   *     are.
   */
  public <T> T guard(Supplier<T> call) {
    if (isEmpty()) {
      return call.get();
    }
    try {
      return call.get();
    } catch (Refusal e) {
      throw refusal(e);
    } catch (RuntimeException e) {
      Optional<String> message = DatabaseFailure.sqlException(e).map(Throwable::getMessage);
      if (message.isEmpty() || DatabaseFailure.isTransient(e)) {
        throw e;
      }
      throw new IllegalStateException(message(message.get()));
    }
  }

  /** Returns the members of a problem document without the secrets. */
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
