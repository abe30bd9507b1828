package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and validates the body of a saved statement. Stateless. */
public final class SavedStatementBody {

  public static final int LONGEST_DESCRIPTION = 1000;
  public static final int LONGEST_TEXT = 65_536;
  static final int MOST_PARAMETERS = 50;
  public static final int MOST_ALLOWED = 100;
  public static final int MOST_PROJECTS = 100;

  private static final Set<String> MEMBERS =
      Stream.concat(
              Stream.of("sql", "description", "parameters", "projects", "wholeTable"),
              BodyReader.members(BoundsBody.class).stream())
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> RULE =
      Set.of(
          "type",
          "list",
          "minimum",
          "maximum",
          "maxLength",
          "allowed",
          "nullable",
          "default",
          "secret");

  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  private SavedStatementBody() {}

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  public static SavedStatement read(byte[] bytes) {
    JsonBody body = JsonBody.of(bytes);
    body.refuseUnknown(MEMBERS);
    String sql = body.textNotBlank("sql");
    if (!body.has("sql")) {
      body.violation("sql", Reason.of("missing-value"));
    }
    String description = body.text("description");
    tooLong(body, "description", description, LONGEST_DESCRIPTION);
    Map<String, ParameterRule> parameters = parameters(body);
    ProjectPatterns projects = projects(body);
    Bounds bounds = BodyReader.members(body, BoundsBody.class).bounds(body);
    Boolean wholeTable = body.bool("wholeTable");
    body.check();
    return new SavedStatement(
        String.valueOf(sql),
        description,
        parameters,
        projects,
        bounds,
        Boolean.TRUE.equals(wholeTable));
  }

  private static void tooLong(JsonBody body, String name, @Nullable String text, int most) {
    if (text != null && text.codePointCount(0, text.length()) > most) {
      body.violation(name, Reason.of("too-long", "max", String.valueOf(most)));
    }
  }

  private static ProjectPatterns projects(JsonBody body) {
    if (!body.has("projects")) {
      return ProjectPatterns.ALL;
    }
    List<String> patterns = new ArrayList<>();
    for (JsonNode item : body.items("projects", MOST_PROJECTS)) {
      if (item.isTextual() && ProjectPatterns.isPattern(item.textValue())) {
        patterns.add(item.textValue());
      } else {
        body.violation("projects", Reason.of("project-pattern"));
      }
    }
    return new ProjectPatterns(patterns);
  }

  private static Map<String, ParameterRule> parameters(JsonBody body) {
    Map<String, ParameterRule> rules = new TreeMap<>();
    JsonBody parameters = body.object("parameters");
    if (parameters == null) {
      return rules;
    }
    if (parameters.node().size() > MOST_PARAMETERS) {
      body.violation("parameters", Reason.of("too-large", "max", String.valueOf(MOST_PARAMETERS)));
      return rules;
    }
    for (Map.Entry<String, JsonNode> member : parameters.node().properties()) {
      String name = member.getKey();
      JsonBody rule = parameters.object(name);
      if (!PARAMETER.matcher(name).matches() || name.equals("project")) {
        parameters.violation(StrictJson.shown(name), Reason.of("parameter-name"));
      } else if (rule == null) {
        parameters.violation(name, Reason.of("not-an-object"));
      } else {
        rule(rule).ifPresent(it -> rules.put(name, it));
      }
    }
    return rules;
  }

  private static Optional<ParameterRule> rule(JsonBody body) {
    body.refuseUnknown(RULE);
    ParameterType type = body.oneOf("type", ParameterType.values(), ParameterType::text);
    if (type == null) {
      if (!body.has("type")) {
        body.violation("type", Reason.of("missing-value"));
      }
      return Optional.empty();
    }
    boolean secret = Boolean.TRUE.equals(body.bool("secret"));
    var rule =
        new ParameterRule(
            type,
            Boolean.TRUE.equals(body.bool("list")),
            bound(body, "minimum", type),
            bound(body, "maximum", type),
            body.integer("maxLength", 1, LONGEST_TEXT),
            body.items("allowed", MOST_ALLOWED),
            Boolean.TRUE.equals(body.bool("nullable")),
            body.has("default") ? body.node().get("default") : null,
            secret);
    if (rule.maxLength() != null && type != ParameterType.TEXT) {
      body.violation("maxLength", Reason.of("only-for-text"));
    }
    if (secret) {
      Stream.of("default", "allowed")
          .filter(body::has)
          .forEach(name -> body.violation(name, Reason.of("not-with-secret")));
    }
    fits(body, rule);
    return Optional.of(rule);
  }

  private static @Nullable JsonNode bound(JsonBody body, String name, ParameterType type) {
    if (!body.has(name)) {
      return null;
    }
    JsonNode bound = body.node().get(name);
    Optional<Reason> problem =
        type.isOrdered() ? type.problem(bound) : Optional.of(Reason.of("unordered-type"));
    problem.ifPresent(reason -> body.violation(name, reason));
    return problem.isPresent() ? null : bound;
  }

  /**
   * Checks that a rule's minimum, allowed values and default satisfy the rule itself. Otherwise it
   * could reject every value.
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
