package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.ScheduledStart;
import dev.rowmill.schedule.WhenBusy;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * Resolves the body of a start that a schedule stores, as a request with that body is resolved.
 * Safe for many threads.
 */
@ApplicationScoped
class StoredStarts implements ScheduledStart {

  private final StartResolver resolver;
  private final SavedStatements statements;
  private final Problems problems;

  StoredStarts(StartResolver resolver, SavedStatements statements, Problems problems) {
    this.resolver = resolver;
    this.statements = statements;
    this.problems = problems;
  }

  @Override
  public StartRequest request(Schedule schedule, Instant fireAt) {
    try {
      return resolver.expanded(given(schedule, fireAt));
    } catch (InvalidRequestException e) {
      // The rules of the configuration or of the saved statement have changed.
      throw new Refusal(
          ProblemType.INVALID_REQUEST.code(),
          Map.of("violations", problems.violations(e.violations(), Language.ENGLISH)));
    }
  }

  /**
   * Returns the request of a firing, before its saved statement is expanded.
   *
   * @throws InvalidRequestException when the body is not valid
   */
  StartRequest given(Schedule schedule, Instant fireAt) {
    ObjectNode start = (ObjectNode) BatchBodies.json(schedule.definition().start());
    if (start.path("parameters") instanceof ObjectNode parameters) {
      parameters.setAll(values(start, schedule.definition(), fireAt));
    }
    OnBusy onBusy = schedule.definition().onBusy() == WhenBusy.QUEUE ? OnBusy.QUEUE : OnBusy.REJECT;
    StartRequest base = resolver.base(schedule.project(), null, "");
    StartRequest request =
        StartBody.read(ScheduleBody.of(start))
            .over(new StartRequest(base.spec(), onBusy, base.predecessors(), null, ""));
    BatchSpec spec = request.spec();
    return request.with(
        spec.with(spec.submission().by(schedule.updatedBy()).ofSchedule(schedule.name())));
  }

  /**
   * Returns the values that relative parameters have at a firing. Each is a text or names its type.
   */
  ObjectNode relativeValues(ScheduleDefinition definition, Instant fireAt) {
    return values((ObjectNode) BatchBodies.json(definition.start()), definition, fireAt);
  }

  private ObjectNode values(ObjectNode start, ScheduleDefinition definition, Instant fireAt) {
    return RelativeTimes.values(
        start.path("parameters"), fireAt, ZoneId.of(definition.zone()), name -> form(start, name));
  }

  private RelativeTimes.Form form(ObjectNode start, String parameter) {
    if (start.hasNonNull("task")) {
      return RelativeTimes.Form.PLAIN;
    } else if (!start.hasNonNull("statement")) {
      return RelativeTimes.Form.TYPED;
    }
    Optional<SavedStatement> saved =
        statements.find(start.path("statement").asText()).map(StartResolver::read);
    ParameterRule rule = saved.map(it -> it.parameters().get(parameter)).orElse(null);
    return rule == null
        ? RelativeTimes.Form.PLAIN
        : switch (rule.type()) {
          case DATE -> RelativeTimes.Form.DATE;
          case DATETIME -> RelativeTimes.Form.DATETIME;
          default -> RelativeTimes.Form.PLAIN;
        };
  }
}
