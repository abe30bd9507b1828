package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Bounds;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.SkippedOf;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.dispatch.BatchDefaults;
import dev.rowmill.dispatch.BatchRetry;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.StartSafeguards;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.security.Callers;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a start request: adds the caller, expands the saved statement, and applies the
 * configured bounds. Must be called on the request's own thread. Safe for many threads.
 */
@ApplicationScoped
public class StartResolver {

  private static final String PARAMETERS = "parameters";

  private final Callers callers;
  private final SavedStatements statements;
  private final StartSafeguards guards;
  private final BatchStarter starter;
  private final BatchDefaults defaults;
  private final Clock clock;

  StartResolver(
      Callers callers,
      SavedStatements statements,
      StartSafeguards guards,
      BatchStarter starter,
      BatchDefaults defaults,
      Clock clock) {
    this.callers = callers;
    this.statements = statements;
    this.guards = guards;
    this.starter = starter;
    this.defaults = defaults;
    this.clock = clock;
  }

  /**
   * Returns the request that an empty body makes.
   *
   * @param idempotencyKey the header's valid value, or null
   */
  public StartRequest base(String project, @Nullable String idempotencyKey, String hash) {
    return new StartRequest(
        defaults.of(project), OnBusy.REJECT, Predecessors.NONE, idempotencyKey, hash);
  }

  /**
   * Returns the batch that an earlier request with the same key started. Empty when there is none,
   * or when the request names no saved statement.
   */
  Optional<BatchView> repeated(StartRequest request) {
    return request.spec().submission().statement() == null
        ? Optional.empty()
        : starter.repeated(request.idempotencyKey(), request.requestHash());
  }

  /** Returns the request with the current caller, without applying bounds. */
  public StartRequest ofCaller(StartRequest request) {
    BatchSpec spec = request.spec();
    return request.with(spec.with(spec.submission().by(callers.current().name())));
  }

  /**
   * Returns the request with the current caller, the bounds, and the SQL of its saved statement.
   *
   * @throws Refusal {@code unknown-statement} when the project has no statement of that name
   * @throws InvalidRequestException when values or bounds are not allowed
   */
  public StartRequest whole(StartRequest request) {
    Instant startAt = request.spec().submission().startAt();
    if (startAt != null
        && !StartTime.isAllowed(startAt, clock.instant())
        && starter.repeated(request.idempotencyKey(), request.requestHash()).isEmpty()) {
      throw new InvalidRequestException("startAt", StartTime.reason());
    }
    return expanded(ofCaller(request));
  }

  /**
   * Returns a request whose caller is set, with the bounds, and the SQL of its saved statement.
   *
   * @throws Refusal {@code unknown-statement} when the project has no statement of that name
   * @throws InvalidRequestException when values or bounds are not allowed
   */
  public StartRequest expanded(StartRequest submitted) {
    String name = submitted.spec().submission().statement();
    return expanded(submitted, Optional.ofNullable(name).flatMap(statements::find));
  }

  /**
   * Returns a request as {@link #expanded(StartRequest)} does, with a saved statement that was read
   * before.
   *
   * @param found the saved statement that the request names; empty for none
   */
  public StartRequest expanded(StartRequest submitted, Optional<SavedStatements.Stored> found) {
    BatchSpec spec = submitted.spec();
    Safeguards rules = spec.safeguards();
    String name = spec.submission().statement();
    if (name == null) {
      return submitted.with(
          spec.with(rules.with(BoundsBody.tightened(rules.bounds(), guards.bounds()))));
    }
    SavedStatement saved =
        found
            .map(StartResolver::read)
            .filter(it -> it.projects().include(spec.project()))
            .orElseThrow(() -> new Refusal("unknown-statement", Map.of("statement", name)));
    Bounds bounds = BoundsBody.tightened(rules.bounds(), saved.bounds().or(guards.bounds()));
    String values = values(saved, given(spec.work())).toString();
    return submitted.with(
        spec.with(BatchWork.sql(saved.sql(), spec.work().walk(), values))
            .with(rules.with(bounds).confirming(saved.wholeTable(), rules.ignore()))
            .with(spec.submission().hiding(saved.secrets())));
  }

  /**
   * Returns a request to retry a batch. Its maximum duration must be within the bounds that apply
   * now, and each secret value must be one that its saved statement allows.
   *
   * @throws Refusal {@code unknown-statement} when secret values are given for a saved statement
   *     that no longer exists
   * @throws InvalidRequestException when values or bounds are not allowed
   */
  BatchRetry.Request retry(BatchView batch, RetryBody body) {
    ObjectNode secrets = body.secrets();
    String name = batch.submission().statement();
    boolean rules = body.maxDurationMillis() != null || !secrets.isEmpty();
    Optional<SavedStatement> saved =
        Optional.ofNullable(rules ? name : null).flatMap(statements::find).map(StartResolver::read);
    if (body.maxDurationMillis() != null) {
      Bounds most = saved.map(it -> it.bounds().or(guards.bounds())).orElse(guards.bounds());
      BoundsBody.tightened(new Bounds(null, body.maxDurationMillis(), null), most);
    }
    Set<String> names = batch.submission().secrets();
    if (names.isEmpty() || secrets.isEmpty()) {
      return new BatchRetry.Request(batch, body.over(batch.spec()), secrets);
    }
    SavedStatement statement =
        saved.orElseThrow(
            () -> new Refusal("unknown-statement", Map.of("statement", String.valueOf(name))));
    return new BatchRetry.Request(batch, body.over(batch.spec()), typed(statement, names, secrets));
  }

  /**
   * Returns a request for a batch over the rows that an ended one has skipped, with the statement,
   * the parameters and the settings of that batch. It keeps within the bounds that apply now.
   *
   * @param error only rows with this error number; null for all
   * @throws Refusal and {@link InvalidRequestException} as {@link #retry} does, and for missing
   *     secret values
   */
  StartRequest skipped(
      BatchView batch,
      RetryBody body,
      @Nullable Long error,
      @Nullable String idempotencyKey,
      String hash) {
    BatchSpec spec = retry(batch, body).withSecrets();
    Bounds most =
        Optional.ofNullable(spec.submission().statement())
            .flatMap(statements::find)
            .map(it -> read(it).bounds().or(guards.bounds()))
            .orElse(guards.bounds());
    Safeguards rules = spec.safeguards();
    return ofCaller(
        new StartRequest(
            spec.with(spec.work().only(new SkippedOf(batch.id(), error)))
                .with(rules.with(rules.bounds().within(most)))
                .with(spec.submission().again().withContentBy(spec.submission().authors())),
            OnBusy.REJECT,
            Predecessors.NONE,
            idempotencyKey,
            hash));
  }

  /** Returns secret values with their types; those that are not secret stay as they are. */
  private static ObjectNode typed(SavedStatement statement, Set<String> names, ObjectNode given) {
    List<Violation> violations = new ArrayList<>();
    ObjectNode values = given.deepCopy();
    for (String name : names) {
      ParameterRule rule = statement.parameters().get(name);
      JsonNode value = given.get(name);
      if (rule != null && value != null) {
        rule.problem(value)
            .ifPresentOrElse(
                it -> violations.add(new Violation(PARAMETERS + "." + name, it)),
                () -> values.set(name, rule.named(value)));
      } else if (value != null) {
        violations.add(new Violation(PARAMETERS + "." + name, Reason.of("unknown-member")));
      }
    }
    if (!violations.isEmpty()) {
      throw new InvalidRequestException(violations);
    }
    return values;
  }

  /** Returns the values as the caller gave them. Those of a plan have got types. */
  private static ObjectNode given(BatchWork work) {
    ObjectNode given = (ObjectNode) BatchBodies.json(work.parameters());
    return work.sql() == null ? given : ParameterType.unnamed(given);
  }

  public static SavedStatement read(SavedStatements.Stored stored) {
    return StoredJson.read(stored.definition(), SavedStatement.class);
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
}
