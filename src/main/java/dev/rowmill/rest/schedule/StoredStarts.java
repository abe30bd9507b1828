package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.retention.RetentionTask;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.ScheduledStart;
import dev.rowmill.schedule.WhenBusy;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

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
  public Resolved request(Schedule schedule, Instant fireAt) {
    try {
      // Read once, so that what is started is what was approved.
      Optional<SavedStatements.Stored> saved = saved(schedule.definition());
      return new Resolved(
          resolver.expanded(given(schedule, saved, fireAt), saved),
          content(schedule, saved).text());
    } catch (InvalidRequestException e) {
      // The rules of the configuration or of the saved statement have changed.
      throw new Refusal(
          ProblemType.INVALID_REQUEST.code(),
          Map.of("violations", problems.violations(e.violations(), Language.ENGLISH)));
    }
  }

  private Optional<SavedStatements.Stored> saved(ScheduleDefinition definition) {
    return Optional.ofNullable(definition.statement()).flatMap(statements::find);
  }

  /**
   * Represents what a schedule does.
   *
   * @param text see {@link Schedule#content(String)}
   * @param authors see {@link Schedule#authors(String)}
   */
  record Content(String text, SortedSet<String> authors) {}

  /** Returns what a schedule does, by one query. */
  Content content(Schedule schedule) {
    return content(schedule, saved(schedule.definition()));
  }

  private static Content content(Schedule schedule, Optional<SavedStatements.Stored> saved) {
    return new Content(
        schedule.content(saved.map(SavedStatements.Stored::definition).orElse(null)),
        schedule.authors(saved.map(SavedStatements.Stored::updatedBy).orElse(null)));
  }

  /** Returns what each of some schedules does, by its name. */
  Map<String, Content> contents(List<Schedule> schedules) {
    Set<String> names = new HashSet<>();
    for (Schedule schedule : schedules) {
      Optional.ofNullable(schedule.definition().statement()).ifPresent(names::add);
    }
    Map<String, SavedStatements.Stored> statements = new HashMap<>();
    this.statements.find(names).forEach(saved -> statements.put(saved.name(), saved));
    Map<String, Content> contents = new HashMap<>();
    for (Schedule schedule : schedules) {
      Optional<SavedStatements.Stored> saved =
          Optional.ofNullable(schedule.definition().statement()).map(statements::get);
      contents.put(schedule.name(), content(schedule, saved));
    }
    return contents;
  }

  /**
   * Returns the request of a firing, before its saved statement is expanded.
   *
   * @throws InvalidRequestException when the body is not valid
   */
  StartRequest given(Schedule schedule, Instant fireAt) {
    return given(schedule, saved(schedule.definition()), fireAt);
  }

  private StartRequest given(
      Schedule schedule, Optional<SavedStatements.Stored> saved, Instant fireAt) {
    ObjectNode start = (ObjectNode) BatchBodies.json(schedule.definition().start());
    if (start.path("parameters") instanceof ObjectNode parameters) {
      parameters.setAll(values(start, saved, schedule.definition(), fireAt));
    }
    OnBusy onBusy = schedule.definition().onBusy() == WhenBusy.QUEUE ? OnBusy.QUEUE : OnBusy.REJECT;
    StartRequest base = resolver.base(schedule.project(), null, "");
    StartRequest request =
        StartBody.read(ScheduleBody.of(start))
            .over(new StartRequest(base.spec(), onBusy, base.predecessors(), null, ""));
    BatchSpec spec = request.spec();
    return request.with(
        spec.with(
            spec.submission()
                .by(schedule.updatedBy())
                .withContentBy(content(schedule, saved).authors())
                .ofSchedule(schedule.name())));
  }

  /**
   * Returns the values that relative parameters have at a firing. Each is a text or names its type.
   */
  ObjectNode relativeValues(ScheduleDefinition definition, Instant fireAt) {
    return values(
        (ObjectNode) BatchBodies.json(definition.start()), saved(definition), definition, fireAt);
  }

  private static ObjectNode values(
      ObjectNode start,
      Optional<SavedStatements.Stored> saved,
      ScheduleDefinition definition,
      Instant fireAt) {
    return RelativeTimes.values(
        start.path("parameters"),
        fireAt,
        ZoneId.of(definition.zone()),
        name -> form(start, saved, name));
  }

  private static RelativeTimes.Form form(
      ObjectNode start, Optional<SavedStatements.Stored> saved, String parameter) {
    ParameterRule rule =
        saved.map(StartResolver::read).map(it -> it.parameters().get(parameter)).orElse(null);
    if (rule != null) {
      return switch (rule.type()) {
        case DATE -> RelativeTimes.Form.DATE;
        case DATETIME -> RelativeTimes.Form.DATETIME;
        default -> RelativeTimes.Form.PLAIN;
      };
    }
    boolean isTyped =
        start.hasNonNull("sql") || start.path("task").asText().equals(RetentionTask.NAME);
    return isTyped ? RelativeTimes.Form.TYPED : RelativeTimes.Form.PLAIN;
  }
}
