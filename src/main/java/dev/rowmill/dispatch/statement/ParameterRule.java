package dev.rowmill.dispatch.statement;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.task.Refusal.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a saved statement lets a parameter be. Immutable. Reasons are among the texts of violations,
 * and never say what was given.
 *
 * @param list whether it is a list of such values, for IN
 * @param maxLength characters of a text, at most; null for {@link #LONGEST}
 * @param allowed the only values; none for any
 * @param preset the value where none is given; null for one that must be given
 * @param secret whether its values are shown to nobody
 */
public record ParameterRule(
    ParameterType type,
    boolean list,
    @Nullable JsonNode minimum,
    @Nullable JsonNode maximum,
    @Nullable Integer maxLength,
    List<JsonNode> allowed,
    boolean nullable,
    @Nullable JsonNode preset,
    boolean secret) {

  /** Characters of a text, where nothing else is said. */
  public static final int LONGEST = 1000;

  /** Values of a list, at most. */
  public static final int MOST_VALUES = 1000;

  public ParameterRule {
    allowed = List.copyOf(allowed);
  }

  /** Why a value is none that is let be; empty where it is one. */
  public Optional<Reason> problem(JsonNode value) {
    if (value.isNull()) {
      return nullable ? Optional.empty() : Optional.of(Reason.of("not-null"));
    }
    if (!list) {
      return problemOfOne(value);
    }
    if (!value.isArray() || value.isEmpty() || value.size() > MOST_VALUES) {
      return Optional.of(Reason.of("not-a-list", "max", String.valueOf(MOST_VALUES)));
    }
    for (JsonNode item : value) {
      Optional<Reason> problem = problemOfOne(item);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  /** The same of one value of a list, or of the value where it is none. */
  public Optional<Reason> problemOfOne(JsonNode value) {
    return type.problem(value)
        .or(() -> outside(value, minimum, -1, "too-small", "min"))
        .or(() -> outside(value, maximum, 1, "too-large", "max"))
        .or(() -> tooLong(value))
        .or(() -> notAllowed(value));
  }

  /** Why a minimum leaves no value between it and the maximum. */
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
   * Returns a good value as the statement is given it: in the form that says by itself of which
   * type it is, such as {@code {"date": "2026-01-31"}}.
   */
  public JsonNode named(JsonNode value) {
    if (!list || !value.isArray()) {
      return type.named(value);
    }
    ArrayNode named = JsonNodeFactory.instance.arrayNode();
    value.forEach(item -> named.add(type.named(item)));
    return named;
  }

  /** Some value of the kind, by which the statement can be checked. */
  public JsonNode sample() {
    JsonNode bound = minimum == null ? maximum : minimum;
    JsonNode one = !allowed.isEmpty() ? allowed.get(0) : bound == null ? type.sample() : bound;
    return list ? JsonNodeFactory.instance.arrayNode().add(one) : one;
  }
}
