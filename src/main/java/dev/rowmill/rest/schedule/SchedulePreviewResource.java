package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.InvalidRequestException.Violation;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.rest.schedule.ScheduleBodies.PreviewView;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.Schedules;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Shows what a schedule would do if it were stored. Stores and starts nothing. */
@Path(ScheduleResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Schedules")
class SchedulePreviewResource {

  private final Schedules schedules;
  private final StoredStarts starts;
  private final ScheduleCheck check;
  private final Problems problems;
  private final Access access;
  private final Clock clock;

  SchedulePreviewResource(
      Schedules schedules,
      StoredStarts starts,
      ScheduleCheck check,
      Problems problems,
      Access access,
      Clock clock) {
    this.schedules = schedules;
    this.starts = starts;
    this.check = check;
    this.problems = problems;
    this.access = access;
    this.clock = clock;
  }

  @POST
  @Unaudited
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/{name}/preview")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Preview a schedule",
      description =
          "Takes the body that would store a schedule of this name, complete or not. Returns when it"
              + " would fire, the values of its relative parameters, and all reasons for which it"
              + " would be rejected. Stores nothing, and leaves no line in the audit.")
  @APIResponse(responseCode = "200", description = "What the schedule would do")
  public PreviewView previewSchedule(
      @Parameter(description = "Name, stored or not", example = "purge-sessions") @PathParam("name")
          String name,
      @Parameter(description = "Language of violations and problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "When it fires, and what it starts",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/ScheduleRequest"),
                      examples =
                          @ExampleObject(
                              name = "begun",
                              summary = "A schedule without its work",
                              value = "{\"project\": \"p1\", \"every\": \"PT15M\"}")))
          InputStream body) {
    Optional<Schedule> before = schedules.find(ListQuery.name("name", name));
    before.ifPresent(it -> access.project(it.project()));
    ScheduleBody.Draft draft =
        ScheduleBody.draft(JsonBody.of(RequestBytes.of(body)), schedules.now());
    ScheduleDefinition definition = draft.definition();
    if (definition != null && before.isPresent()) {
      definition = definition.replacing(before.get().definition());
    }
    Language spoken = Language.of(language);
    Findings findings = findings(name, draft, definition, spoken);
    List<Instant> next =
        definition == null
            ? List.of()
            : Schedule.unsaved(name, "", definition, null)
                .next(clock.instant(), ScheduleResource.NEXT);
    return new PreviewView(
        before.isPresent(),
        next,
        definition == null || findings.isAbout("parameters")
            ? JsonNodeFactory.instance.objectNode()
            : starts.relativeValues(definition, next.isEmpty() ? definition.anchor() : next.get(0)),
        findings.violations,
        findings.problem);
  }

  /** Represents why a schedule can't be stored. */
  private record Findings(
      List<Map<String, String>> violations, @Nullable Map<String, Object> problem) {

    boolean isAbout(String member) {
      return violations.stream().anyMatch(it -> it.getOrDefault("field", "").startsWith(member));
    }
  }

  private Findings findings(
      String name,
      ScheduleBody.Draft draft,
      @Nullable ScheduleDefinition definition,
      Language language) {
    List<Violation> violations = new ArrayList<>(draft.violations());
    try {
      String project = draft.project() == null ? null : access.project(draft.project());
      if (project != null && definition != null && violations.isEmpty()) {
        check.check(name, project, definition);
      }
    } catch (InvalidRequestException e) {
      violations.addAll(e.violations());
    } catch (InvalidParametersException e) {
      return new Findings(
          e.violations().stream().map(it -> Problems.violation(it.field(), it.message())).toList(),
          null);
    } catch (Refusal e) {
      return new Findings(
          List.of(),
          problems.document(
              Failure.of(e, SecretValues.NONE), ScheduleResource.PATH + "/" + name, language));
    }
    return new Findings(problems.violations(violations, language), null);
  }
}
