package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.ScheduleRun;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Holds the response bodies of schedules. Stateless. */
public final class ScheduleBodies {

  private ScheduleBodies() {}

  /** Represents a schedule. */
  @RegisterForReflection
  @Schema(name = "Schedule", description = "A schedule, which starts batches again and again")
  public record ScheduleView(
      @Schema(description = "Name of the schedule", examples = "purge-sessions") String name,
      @Schema(description = "Project in which it starts batches", examples = "p1") String project,
      @Schema(description = "When it fires, as five fields", examples = "30 2 * * *")
          @Nullable String cron,
      @Schema(description = "Duration between two firings", examples = "PT15M")
          @Nullable String every,
      @Schema(description = "Time zone of cron and of relative parameters") String zone,
      @Schema(
              description = "What a firing does while the project has an active batch",
              enumeration = {"skip", "queue"})
          String onBusy,
      @Schema(
              description = "What happens to firings that were due while no node was running",
              enumeration = {"once", "skip"})
          String onMissed,
      @Schema(description = "Time after which it does not fire") @Nullable Instant until,
      @Schema(description = "Whether it fires; false while it is paused") boolean enabled,
      @Schema(description = "Time of its next firing; null while it is paused, and at its end")
          @Nullable Instant next,
      @Schema(description = "Members of the start, with secret values as ******") JsonNode start,
      @Schema(description = "Version, from 1, incremented by each change") int version,
      @Schema(description = "Caller that stored it last, when callers are known")
          @Nullable String updatedBy,
      @Schema(description = "Time at which it was stored last") Instant updatedAt) {

    static ScheduleView of(Schedule schedule, Instant now) {
      ScheduleDefinition definition = schedule.definition();
      return new ScheduleView(
          schedule.name(),
          schedule.project(),
          definition.cron(),
          definition.every(),
          definition.zone(),
          definition.onBusy().name().toLowerCase(Locale.ROOT),
          definition.onMissed().name().toLowerCase(Locale.ROOT),
          definition.until(),
          schedule.enabled(),
          schedule.enabled() ? schedule.next(now, 1).stream().findFirst().orElse(null) : null,
          start(definition),
          schedule.version(),
          schedule.updatedBy(),
          schedule.updatedAt());
    }

    private static JsonNode start(ScheduleDefinition definition) {
      ObjectNode start = (ObjectNode) BatchBodies.json(definition.start());
      JsonNode parameters = start.path("parameters");
      if (parameters.isObject()) {
        start.set(
            "parameters",
            BatchBodies.json(SecretValues.masked(parameters.toString(), definition.secrets())));
      }
      return start;
    }
  }

  /** Represents a page of schedules. */
  @RegisterForReflection
  @Schema(name = "SchedulePage", description = "A page of schedules, by name")
  public record SchedulePage(
      @Schema(description = "The schedules") List<ScheduleView> items,
      @Schema(description = "Path of the next page; null on the last") @Nullable String next) {}

  /** Represents the next firings of a schedule. */
  @RegisterForReflection
  @Schema(name = "NextFirings", description = "Times at which a schedule fires next")
  public record NextView(
      @Schema(description = "Times of the next firings, even of a paused schedule")
          List<Instant> items) {}

  /** Represents what a schedule would do if it were stored. */
  @RegisterForReflection
  @Schema(
      name = "SchedulePreview",
      description = "What a schedule would do, and what has to be changed before it can be stored")
  public record PreviewView(
      @Schema(description = "Whether a schedule of this name is stored, which it would replace")
          boolean exists,
      @Schema(description = "Times of the next firings; empty while it is not valid when it fires")
          List<Instant> next,
      @Schema(
              description = "Values of the relative parameters at the first of these firings",
              implementation = Map.class)
          JsonNode relative,
      @Schema(description = "Members that are not valid, each with its field and a message")
          List<Map<String, String>> violations,
      @Schema(ref = "#/components/schemas/Problem") @Nullable Map<String, Object> problem) {}

  /** Represents a firing of a schedule. */
  @RegisterForReflection
  @Schema(name = "ScheduleRun", description = "One firing of a schedule")
  public record RunView(
      @Schema(description = "Time for which it was due, or of the request to run it")
          Instant fireAt,
      @Schema(description = "Time at which it was carried out") Instant firedAt,
      @Schema(description = "Whether a caller requested it") boolean manual,
      @Schema(
              description =
                  "started: the batch was stored; skipped-busy: the project had an active batch;"
                      + " missed: no node was running; failed: the start was rejected",
              enumeration = {"started", "skipped-busy", "missed", "failed"})
          String outcome,
      @Schema(description = "The batch that it started", examples = "42") @Nullable Long batch,
      @Schema(description = "Number of earlier firings that were missed, 1000 at most") int missed,
      @Schema(ref = "#/components/schemas/Problem") @Nullable Map<String, Object> problem) {

    static RunView of(Schedule schedule, ScheduleRun run, Problems problems, Language language) {
      return new RunView(
          run.fireAt(),
          run.firedAt(),
          run.manual(),
          run.outcome().text(),
          run.batch(),
          run.missed(),
          run.problem() == null
              ? null
              : problems.document(
                  run.problem(), ScheduleResource.PATH + "/" + schedule.name(), language));
    }
  }

  /** Represents a page of firings. */
  @RegisterForReflection
  @Schema(name = "ScheduleRunPage", description = "A page of the firings of a schedule")
  public record RunPage(
      @Schema(description = "The firings, newest first") List<RunView> items,
      @Schema(description = "Path of the next page; null on the last") @Nullable String next) {}
}
