package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.Submission;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.PlannedStart;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.StartSafeguards;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.security.Callers;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Resolves a start request: adds the caller, expands the saved statement, and applies the
 * configured bounds. Must be called on the request's own thread. Safe for many threads.
 */
@ApplicationScoped
public class StartResolver {

  private static final String STATEMENT = "statement";
  private static final String PARAMETERS = "parameters";

  private final Callers callers;
  private final SavedStatements statements;
  private final StartSafeguards guards;
  private final BatchStarter starter;

  StartResolver(
      Callers callers, SavedStatements statements, StartSafeguards guards, BatchStarter starter) {
    this.callers = callers;
    this.statements = statements;
    this.guards = guards;
    this.starter = starter;
  }

  /**
   * Returns the batch that an earlier request with the same key started. Empty when there is none,
   * or when the request names no saved statement.
   */
  Optional<BatchView> repeated(StartRequest request) {
    return request.submission().statement() == null
        ? Optional.empty()
        : starter.repeated(request.idempotencyKey(), request.requestHash());
  }

  /** Returns the request with the current caller, without applying bounds. */
  StartRequest ofCaller(StartRequest request) {
    return request.on(request.submission().by(callers.current().name()));
  }

  /**
   * Returns the request with the current caller, the bounds, and the SQL of its saved statement.
   *
   * @throws Refusal {@code unknown-statement} when the project has no statement of that name
   * @throws InvalidRequestException when values or bounds are not allowed
   */
  StartRequest whole(StartRequest request) {
    Submission asked = request.submission();
    String by = callers.current().name();
    String name = asked.statement();
    if (name == null) {
      Bounds bounds = BoundsBody.tightened(asked.bounds(), guards.bounds());
      return request.on(new Submission(by, null, Set.of(), bounds, asked.walk()));
    }
    SavedStatement saved =
        statements
            .find(name)
            .map(StartResolver::read)
            .filter(it -> it.projects().include(request.project()))
            .orElseThrow(() -> new Refusal("unknown-statement", Map.of(STATEMENT, name)));
    Bounds bounds = BoundsBody.tightened(asked.bounds(), saved.bounds().or(guards.bounds()));
    ObjectNode values = values(saved, request.parameters());
    return request
        .of(saved.sql(), values, saved.wholeTable())
        .on(new Submission(by, name, saved.secrets(), bounds, asked.walk()));
  }

  /** Returns a start that runs a plan, with its request resolved in the same way. */
  PlannedStart whole(PlannedStart start) {
    return new PlannedStart(
        start.project(),
        start.plan(),
        planBody -> whole(start.whole().of(planBody)),
        start.idempotencyKey(),
        start.requestHash());
  }

  public static SavedStatement read(SavedStatements.Stored stored) {
    return SavedStatementBody.read(stored.definition().getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode values(SavedStatement saved, ObjectNode given) {
    List<Violation> violations = new ArrayList<>();
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    new TreeMap<>(saved.parameters())
        .forEach(
            (name, rule) -> {
              JsonNode value = given.has(name) ? given.get(name) : preset(rule);
              Optional<Reason> problem =
                  value.isMissingNode()
                      ? Optional.of(Reason.of("missing-value"))
                      : rule.problem(value);
              problem.ifPresentOrElse(
                  it -> violations.add(new Violation(PARAMETERS + "." + name, it)),
                  () -> values.set(name, rule.named(value)));
            });
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!saved.parameters().containsKey(name)) {
                violations.add(
                    new Violation(
                        PARAMETERS + "." + StrictJson.shown(name), Reason.of("unknown-member")));
              }
            });
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
    return values;
  }

  private static JsonNode preset(ParameterRule rule) {
    JsonNode preset = rule.preset();
    return preset == null ? JsonNodeFactory.instance.missingNode() : preset;
  }

  /**
   * Returns the body of a start or a plan in a form that may be stored and shown. Masks the values
   * of parameters that the saved statement declares secret or does not declare. Masks all values
   * when no such statement exists.
   */
  public ObjectNode shown(ObjectNode body) {
    JsonNode name = body.path(STATEMENT);
    if (!name.isTextual() || !(body.path(PARAMETERS) instanceof ObjectNode parameters)) {
      return body;
    }
    Set<String> all = new HashSet<>();
    parameters.fieldNames().forEachRemaining(all::add);
    Set<String> secrets =
        statements
            .find(name.textValue())
            .map(StartResolver::read)
            .map(
                saved -> {
                  all.removeIf(
                      it -> saved.parameters().containsKey(it) && !saved.secrets().contains(it));
                  return all;
                })
            .orElse(all);
    ObjectNode shown = body.deepCopy();
    shown.set(PARAMETERS, SecretValues.masked(parameters, secrets));
    return shown;
  }
}
