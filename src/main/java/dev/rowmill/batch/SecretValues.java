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

  /** Replaces a secret value. */
  public static final String MASK = "******";

  /** Represents no secret values. */
  public static final SecretValues NONE = new SecretValues(new Found());

  /**
   * Parses JSON without rounding numbers: a rounded secret would be shown, as it equals no secret.
   */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /**
   * Limits the length of secrets that are masked inside a text. Shorter ones would match in any
   * text, so they are masked only if they are the whole text.
   */
  private static final int SHORTEST_PART = 3;

  private static final String CUT = "…";

  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)"
              + "(Z|[+-]\\d\\d:\\d\\d)?");

  /** Matches booleans as servers write them. */
  private static final Pattern BOOLEAN = Pattern.compile("\\b(TRUE|FALSE)\\b");

  /** Limits how far the local time of a moment may differ from UTC. */
  private static final Duration FARTHEST_OFFSET = Duration.ofHours(18);

  private static final Duration ROUNDING = Duration.ofSeconds(1);

  /** Holds the secrets as text, the longest first, as one may be a part of another. */
  private final List<String> values;

  private final List<Span> times;
  private final boolean booleans;

  /** Holds a range of local times that may be a secret one, in the zone of any session. */
  private record Span(LocalDateTime from, LocalDateTime to) {
    boolean holds(LocalDateTime time) {
      return !time.isBefore(from) && !time.isAfter(to);
    }
  }

  /** Collects the secrets of parameters. */
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

    /** Adds a value by the name of its type. */
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

    /**
     * Adds a document in the forms that may be shown: whole, with the blanks of servers, and in
     * parts.
     */
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

  /** Returns a document in the format of both servers. */
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

  /** Returns the secret values of a batch. */
  public static SecretValues of(BatchView batch) {
    Set<String> names = batch.terms().secrets();
    return names.isEmpty() ? NONE : of(object(batch.parameters()), names);
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

  /** Returns stored parameters with secret values masked. */
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

  /** Returns whether there are no secret values. */
  public boolean isEmpty() {
    return values.isEmpty() && !booleans;
  }

  /** Returns a text with secret values masked. */
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

  /**
   * Masks a time that may be a secret one: a server shows a moment in the time zone of the session.
   */
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

  /** Returns the text of a statement with secret booleans masked, which it contains as words. */
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
   * Returns a server's message with secret values masked. The message may quote a part of a secret,
   * or another form of it. So everything from the first quote to the last is masked, as a quoted
   * text may contain quotes.
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

  /** Returns a JSON value with secret values masked at any depth. */
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

  /** Returns a refusal with secret values masked. */
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
  public <T> T guard(Supplier<T> question) {
    if (isEmpty()) {
      return question.get();
    }
    try {
      return question.get();
    } catch (Refusal e) {
      throw refusal(e);
    } catch (RuntimeException e) {
      Optional<String> message = DatabaseFailure.sqlException(e).map(Throwable::getMessage);
      if (message.isEmpty()
          || DatabaseFailure.of(e).filter(DatabaseFailure::isTransient).isPresent()) {
        throw e;
      }
      throw new IllegalStateException(message(message.get()));
    }
  }

  /** Returns the members of a problem document with secret values masked. */
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
