package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body that saves a statement. */
@RegisterForReflection
public record SavedStatementBody(
    @Schema(description = "SQL as in a start; each of its parameters must be declared")
        @NotNull(message = "missing-value")
        @Size(min = 1)
        @Unaudited
        @Nullable String sql,
    @Schema(description = "Purpose of the statement") @Size(max = 1000) @Unaudited
        @Nullable String description,
    @Schema(
            description = "Rules for the values of each parameter, by name",
            additionalProperties = RuleBody.class)
        @Unaudited
        @Nullable ObjectNode parameters,
    @Schema(description = "Patterns of the projects that may start it; * matches any characters")
        @Size(max = 100)
        @Nullable List<JsonNode> projects,
    @JsonUnwrapped BoundsBody bounds,
    @Schema(description = "Confirms a statement without WHERE") @Nullable Boolean wholeTable) {

  private static final int MOST_PARAMETERS = 50;
  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  /** Represents the rules of one parameter. */
  @JsonRootName("ParameterRule")
  @JsonClassDescription("Rules for the values of one parameter")
  public record RuleBody(
      @Schema(description = "Type of its values") @NotNull(message = "missing-value")
          @Nullable ParameterType type,
      @Schema(description = "Whether it is a list of such values, for IN") @Nullable Boolean list,
      @Schema(description = "Smallest allowed number, date, date-time or time")
          @Nullable JsonNode minimum,
      @Schema(description = "Largest allowed number, date, date-time or time")
          @Nullable JsonNode maximum,
      @Schema(description = "For a text: maximum number of characters; 1000 by default")
          @Min(1)
          @Max(65_536)
          @Nullable Integer maxLength,
      @Schema(description = "Only values allowed") @Size(max = 100)
          @Nullable List<JsonNode> allowed,
      @Schema(description = "Whether it may be null") @Nullable Boolean nullable,
      @Schema(description = "Value used when none is given") @JsonProperty("default")
          @Nullable JsonNode preset,
      @Schema(description = "Whether its values are never shown, and are deleted when a batch ends")
          @Nullable Boolean secret) {

    /** Returns the rule; empty when its type is invalid. Violations are collected in the body. */
    private Optional<ParameterRule> rule(JsonBody body) {
      if (type == null) {
        return Optional.empty();
      }
      var rule =
          new ParameterRule(
              type,
              Boolean.TRUE.equals(list),
              bound(body, "minimum", minimum, type),
              bound(body, "maximum", maximum, type),
              maxLength,
              allowed == null ? List.of() : allowed,
              Boolean.TRUE.equals(nullable),
              preset,
              Boolean.TRUE.equals(secret));
      if (maxLength != null && type != ParameterType.TEXT) {
        body.violation("maxLength", Reason.of("only-for-text"));
      }
      if (rule.secret()) {
        Stream.of("default", "allowed")
            .filter(body::has)
            .forEach(name -> body.violation(name, Reason.of("not-with-secret")));
      }
      fits(body, rule);
      return Optional.of(rule);
    }

    private static @Nullable JsonNode bound(
        JsonBody body, String name, @Nullable JsonNode bound, ParameterType type) {
      if (bound == null) {
        return null;
      }
      Optional<Reason> problem =
          type.isOrdered() ? type.problem(bound) : Optional.of(Reason.of("unordered-type"));
      problem.ifPresent(reason -> body.violation(name, reason));
      return problem.isPresent() ? null : bound;
    }

    /**
     * Checks that a rule's minimum, allowed values and default satisfy the rule itself. Otherwise
     * it could reject every value.
     */
    private static void fits(JsonBody body, ParameterRule rule) {
      JsonNode minimum = rule.minimum();
      if (minimum != null) {
        rule.problemOfBound(minimum).ifPresent(reason -> body.violation("minimum", reason));
      }
      rule.allowed()
          .forEach(
              value ->
                  rule.problemOfOne(value).ifPresent(reason -> body.violation("allowed", reason)));
      JsonNode preset = rule.preset();
      if (preset != null) {
        rule.problem(preset).ifPresent(reason -> body.violation("default", reason));
      }
    }
  }

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  public static SavedStatement read(byte[] bytes) {
    JsonBody body = JsonBody.of(bytes);
    SavedStatementBody read = BodyReader.read(body, SavedStatementBody.class);
    var statement =
        new SavedStatement(
            String.valueOf(read.sql),
            read.description,
            read.rules(body),
            read.patterns(body),
            read.bounds.over(Bounds.NONE),
            Boolean.TRUE.equals(read.wholeTable));
    body.check();
    return statement;
  }

  private ProjectPatterns patterns(JsonBody body) {
    if (projects == null) {
      return ProjectPatterns.ALL;
    }
    List<String> patterns = new ArrayList<>();
    for (JsonNode item : projects) {
      if (item.isTextual() && ProjectPatterns.isPattern(item.textValue())) {
        patterns.add(item.textValue());
      } else {
        body.violation("projects", Reason.of("project-pattern"));
      }
    }
    return new ProjectPatterns(patterns);
  }

  private Map<String, ParameterRule> rules(JsonBody body) {
    Map<String, ParameterRule> rules = new LinkedHashMap<>();
    JsonBody members = parameters == null ? null : body.object("parameters");
    if (members == null) {
      return rules;
    }
    if (members.node().size() > MOST_PARAMETERS) {
      body.violation("parameters", Reason.of("too-large", "max", String.valueOf(MOST_PARAMETERS)));
      return rules;
    }
    for (Map.Entry<String, JsonNode> member : members.node().properties()) {
      String name = member.getKey();
      if (!PARAMETER.matcher(name).matches() || name.equals("project")) {
        members.violation(StrictJson.shown(name), Reason.of("parameter-name"));
      } else if (member.getValue().isNull()) {
        members.violation(name, Reason.of("not-an-object"));
      } else {
        JsonBody rule = members.object(name);
        if (rule != null) {
          BodyReader.read(rule, RuleBody.class).rule(rule).ifPresent(it -> rules.put(name, it));
        }
      }
    }
    return rules;
  }
}
