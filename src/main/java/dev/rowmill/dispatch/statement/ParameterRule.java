package dev.rowmill.dispatch.statement;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.task.Refusal.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Defines which values a parameter of a saved statement accepts. Immutable. Reasons are codes of
 * violation texts, and never contain the value given.
 *
 * @param list whether it is a list of such values, for IN
 * @param maxLength maximum length of a text in characters; null for {@link #LONGEST}
 * @param allowed the only values accepted; empty for any
 * @param preset default value; null where a value is required
 * @param secret whether its values are masked in all output
 */
public record ParameterRule(
    ParameterType type,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean list,
    @Nullable JsonNode minimum,
    @Nullable JsonNode maximum,
    @Nullable Integer maxLength,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<JsonNode> allowed,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean nullable,
    @JsonProperty("default") @Nullable JsonNode preset,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean secret) {

  /** Limits the characters of a text by default. */
  public static final int LONGEST = 1000;

  /** Limits the values of a list. */
  public static final int MAX_VALUES = 1000;

  public ParameterRule {
    allowed = allowed == null ? List.of() : List.copyOf(allowed);
  }

  /** Returns why a value is not accepted; empty where it is. */
  public Optional<Reason> problem(JsonNode value) {
    if (value.isNull()) {
      return nullable ? Optional.empty() : Optional.of(Reason.of("not-null"));
    }
    if (!list) {
      return problemOfOne(value);
    }
    if (!value.isArray() || value.isEmpty() || value.size() > MAX_VALUES) {
      return Optional.of(Reason.of("not-a-list", "max", String.valueOf(MAX_VALUES)));
    }
    for (JsonNode item : value) {
      Optional<Reason> problem = problemOfOne(item);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  /**
   * Returns why one value of a list, or the value of no list, is not accepted; empty where it is.
   */
  public Optional<Reason> problemOfOne(JsonNode value) {
    return type.problem(value)
        .or(() -> outside(value, minimum, -1, "too-small", "min"))
        .or(() -> outside(value, maximum, 1, "too-large", "max"))
        .or(() -> tooLong(value))
        .or(() -> notAllowed(value));
  }

  /** Returns why a minimum lies above the maximum; empty where it does not. */
  public Optional<Reason> problemOfBound(JsonNode value) {
    return outside(value, maximum, 1, "too-large", "max");
  }

  private Optional<Reason> outside(
      JsonNode value, @Nullable JsonNode bound, int wrong, String code, String name) {
    if (bound == null) {
      return Optional.empty();
    }
    Optional<Integer> compared = type.compare(value, bound);
    return compared.isPresent() && Integer.signum(compared.get()) != wrong
        ? Optional.empty()
        : Optional.of(Reason.of(code, name, type.shown(bound)));
  }

  private Optional<Reason> tooLong(JsonNode value) {
    int most = maxLength == null ? LONGEST : maxLength;
    return type == ParameterType.TEXT
            && value.textValue().codePointCount(0, value.textValue().length()) > most
        ? Optional.of(Reason.of("too-long", "max", String.valueOf(most)))
        : Optional.empty();
  }

  private Optional<Reason> notAllowed(JsonNode value) {
    return allowed.isEmpty()
            || allowed.stream()
                .anyMatch(it -> type.compare(it, value).filter(same -> same == 0).isPresent())
        ? Optional.empty()
        : Optional.of(
            Reason.of(
                "not-one-of",
                "values",
                allowed.stream().map(type::shown).collect(Collectors.joining(", "))));
  }

  /**
   * Returns a valid value in the form that names its type for the statement, such as {@code
   * {"date": "2026-01-31"}}.
   */
  public JsonNode named(JsonNode value) {
    if (!list || !value.isArray()) {
      return type.named(value);
    }
    ArrayNode named = JsonNodeFactory.instance.arrayNode();
    value.forEach(item -> named.add(type.named(item)));
    return named;
  }

  /** Returns an example value with which the statement can be checked. */
  public JsonNode sample() {
    JsonNode bound = minimum == null ? maximum : minimum;
    JsonNode one = !allowed.isEmpty() ? allowed.get(0) : bound == null ? type.sample() : bound;
    return list ? JsonNodeFactory.instance.arrayNode().add(one) : one;
  }
}
