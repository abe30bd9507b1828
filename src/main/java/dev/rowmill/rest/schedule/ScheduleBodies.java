package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleApproval;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.ScheduleRun;
import dev.rowmill.task.Plan;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
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
      @Schema(description = "Time zone of cron and of relative parameters", examples = "UTC")
          String zone,
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
      @Schema(description = "Rules from which the start was generated, for a retention")
          RetentionBodies.@Nullable RulesView retention,
      @Schema(ref = "#/components/schemas/Labels") Map<String, String> labels,
      @Schema(description = "How long an approval of the schedule holds", examples = "P90D")
          String approvalValidFor,
      ApprovalView approval,
      @Schema(
              description =
                  "How many times the median of the last ten runs a run may plan to change without"
                      + " an approval of its own; 0 for any number",
              examples = "5")
          BigDecimal unusualFactor,
      @Schema(
              description =
                  "Identifies what its batches change. It is another one after each change of that,"
                      + " and of the saved statement; an approval names it",
              examples = "17-3")
          String content,
      @Schema(description = "Caller that stored what its batches change, when callers are known")
          @Nullable String contentBy,
      @Schema(description = "Version, from 1, incremented by each change") int version,
      @Schema(description = "Caller that stored it last, when callers are known")
          @Nullable String updatedBy,
      @Schema(description = "Time at which it was stored last") Instant updatedAt) {

    /**
     * Shows a schedule.
     *
     * @param content what its batches change
     * @param asked whether the service asks for approvals
     */
    static ScheduleView of(
        Schedule schedule, StoredStarts.Content content, boolean asked, Instant now) {
      ScheduleDefinition definition = schedule.definition();
      ScheduleApproval approval = schedule.approval();
      return new ScheduleView(
          schedule.name(),
          schedule.project(),
          definition.cron(),
          definition.every(),
          definition.zone(),
          BodyReader.text(definition.onBusy()),
          BodyReader.text(definition.onMissed()),
          definition.until(),
          schedule.enabled(),
          schedule.enabled() ? schedule.next(now, 1).stream().findFirst().orElse(null) : null,
          start(definition),
          definition.retention() == null
              ? null
              : RetentionBodies.RulesView.of(definition.retention()),
          definition.labels().values(),
          definition.approvalDuration(),
          new ApprovalView(
              asked,
              schedule.approvalState(content.text(), content.authors(), now).text(),
              List.copyOf(content.authors()),
              approval == null ? null : approval.by(),
              approval == null ? null : approval.at(),
              approval == null ? null : approval.expiresAt()),
          definition.factor(),
          content.text(),
          schedule.contentBy(),
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

  /** Represents the approval of a schedule. */
  @RegisterForReflection
  @Schema(
      name = "ScheduleApproval",
      description = "Approval of a schedule by another caller, which holds for its batches")
  public record ApprovalView(
      @Schema(
              description =
                  "Whether the service asks for approvals of batches that change many rows")
          boolean asked,
      @Schema(
              description =
                  "valid: its batches need no approval of their own; none: it was not approved;"
                      + " changed: its batches would change something else by now; expired; own:"
                      + " the approver has become one of the authors",
              enumeration = {"valid", "none", "changed", "expired", "own"})
          String state,
      @Schema(
              description =
                  "Callers that can't approve it, when callers are known: those who stored what its"
                      + " batches change, the schedule, and its saved statement")
          List<String> authors,
      @Schema(description = "Caller that approved it last, when callers are known")
          @Nullable String approvedBy,
      @Schema(description = "Time of the last approval") @Nullable Instant approvedAt,
      @Schema(description = "Time at which the last approval expires")
          @Nullable Instant expiresAt) {}

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

  /** Represents why the number of rows of a run is unusual. */
  @RegisterForReflection
  @Schema(
      name = "Unusual",
      description =
          "Why the number of planned rows is unusual, so that the batch needs an approval")
  public record UnusualView(
      @Schema(description = "Median of the planned rows of the last ten runs") long median,
      @Schema(description = "unusualFactor of the schedule") BigDecimal factor) {}

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
      @Schema(
              description =
                  "Number of rows that the batch plans to change; null for no batch, and when they"
                      + " were not counted",
              examples = "1200")
          @Nullable Long plannedRows,
      @Schema(
              description =
                  "Whether the rows were counted; false when the server estimated them; null"
                      + " without a number")
          @Nullable Boolean exact,
      @Nullable UnusualView unusual,
      @Schema(ref = "#/components/schemas/Problem") @Nullable Map<String, Object> problem) {

    static RunView of(Schedule schedule, ScheduleRun run, Problems problems, Language language) {
      Plan.Count planned = run.planned();
      UsualRows usual = run.usual();
      return new RunView(
          run.fireAt(),
          run.firedAt(),
          run.manual(),
          run.outcome().text(),
          run.batch(),
          run.missed(),
          planned == null ? null : Long.valueOf(planned.rows()),
          planned == null ? null : Boolean.valueOf(planned.exact()),
          usual == null ? null : new UnusualView(usual.median(), usual.factor()),
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
