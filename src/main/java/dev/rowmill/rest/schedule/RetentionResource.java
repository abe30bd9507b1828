package dev.rowmill.rest.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.PlanBody.WarningBody;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.schedule.RetentionBodies.RetentionView;
import dev.rowmill.rest.schedule.ScheduleStore.Stored;
import dev.rowmill.retention.RetentionStatement;
import dev.rowmill.retention.RetentionTable;
import dev.rowmill.retention.RetentionTables;
import dev.rowmill.schedule.Retention;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.Schedules;
import dev.rowmill.security.Role;
import dev.rowmill.task.Plan.Warning;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Stores and shows retentions: schedules that delete the old rows of a table. */
@Path(RetentionResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Schedules")
class RetentionResource {

  static final String PATH = "/api/v1/retention";

  private final Schedules schedules;
  private final ScheduleStore store;
  private final ScheduleViews views;
  private final RetentionTables tables;
  private final ProblemTexts texts;
  private final Access access;
  private final Clock clock;

  RetentionResource(
      Schedules schedules,
      ScheduleStore store,
      ScheduleViews views,
      RetentionTables tables,
      ProblemTexts texts,
      Access access,
      Clock clock) {
    this.schedules = schedules;
    this.store = store;
    this.views = views;
    this.tables = tables;
    this.texts = texts;
    this.access = access;
    this.clock = clock;
  }

  @PUT
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Store a retention",
      description =
          "Stores a schedule that deletes the rows of a table that are older than a duration, and"
              + " replaces another schedule of that name. Without cron and every it fires at 04:00"
              + " each day. All other operations of schedules apply to it.")
  @APIResponse(
      responseCode = "201",
      description = "The retention is stored; no other schedule had this name",
      content = @Content(schema = @Schema(implementation = RetentionView.class)))
  @APIResponseSchema(
      value = RetentionView.class,
      responseCode = "200",
      responseDescription = "The retention is stored, and replaces another schedule")
  public Response saveRetention(
      @Parameter(description = "1 to 64 of A-Z a-z 0-9 . _ -", example = "purge-sessions")
          @PathParam("name")
          String name,
      @Parameter(description = "Language of warnings and problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "Which rows to delete, and when",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/RetentionRequest"),
                      examples =
                          @ExampleObject(
                              name = "sessions",
                              summary = "Keep sessions for 90 days",
                              value =
                                  """
                                  {"project": "p1", "table": "shop.session", "column": "seen_on",
                                   "keep": "P90D", "atMostRows": 1000000,
                                   "zone": "Europe/Berlin"}""")))
          InputStream body) {
    ListQuery.name("name", name);
    RetentionBody.Request request = RetentionBody.read(RequestBytes.of(body), schedules.now());
    access.project(request.project());
    RetentionTable table =
        tables
            .read(request.table(), request.column())
            .orElseThrow(() -> new InvalidRequestException("column", Reason.of("no-such-column")));
    Stored stored = put(name, request, table);
    return stored
        .response(PATH + "/" + name)
        .entity(view(stored.schedule(), Language.of(language)))
        .build();
  }

  /** Stores it so that the oldest rows are deleted first, where an index allows that. */
  private Stored put(String name, RetentionBody.Request request, RetentionTable table) {
    if (request.isLimited() && table.index() != null) {
      try {
        return store.put(name, request.schedule(table, true));
      } catch (Refusal e) {
        if (e.reasons().stream().noneMatch(reason -> reason.code().equals("limit-order"))) {
          throw e;
        }
      }
    }
    return store.put(name, request.schedule(table, false));
  }

  @GET
  @Path("/{name}")
  @Operation(
      summary = "Show a retention",
      description =
          "Returns a retention, with the index and the partitions of its table. The list of"
              + " schedules contains all retentions.")
  @APIResponse(responseCode = "200", description = "The retention")
  public RetentionView getRetention(
      @PathParam("name") String name,
      @Parameter(description = "Language of warnings: en or zh") @HeaderParam("Accept-Language")
          @Nullable String language) {
    return view(schedule(name), Language.of(language));
  }

  @DELETE
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/{name}")
  @Operation(
      summary = "Delete a retention",
      description =
          "Deletes the schedule of a retention and the list of its firings. Its batches continue.")
  @APIResponse(responseCode = "204", description = "The retention is deleted")
  public void deleteRetention(@PathParam("name") String name) {
    schedules.delete(schedule(name));
  }

  /**
   * Returns the schedule of a retention of a project that the caller sees.
   *
   * @throws NotFoundException when there is none
   */
  private Schedule schedule(String name) {
    return schedules
        .find(ListQuery.name("name", name))
        .filter(schedule -> schedule.definition().retention() != null)
        .filter(schedule -> access.seen().include(schedule.project()))
        .orElseThrow(NotFoundException::new);
  }

  private RetentionView view(Schedule schedule, Language language) {
    Instant now = clock.instant();
    Retention rules = Objects.requireNonNull(schedule.definition().retention());
    Optional<RetentionTable> found = table(rules);
    List<String> droppable =
        found
            .map(table -> tables.droppable(table, before(schedule, now), schedule.project()))
            .orElse(List.of());
    return new RetentionView(
        views.of(schedule),
        found.map(RetentionTable::index).orElse(null),
        found.map(RetentionTable::partitionedBy).orElse(null),
        droppable,
        warnings(rules, found, droppable).stream()
            .map(it -> new WarningBody(it.code(), texts.plan(it, language)))
            .toList());
  }

  /** Returns the table of a retention; empty when it, or its column, is gone. */
  private Optional<RetentionTable> table(Retention rules) {
    try {
      return tables.read(rules.table(), rules.column());
    } catch (Refusal e) {
      return Optional.empty();
    }
  }

  /** Returns the value before which a firing at a moment deletes rows. */
  private static Object before(Schedule schedule, Instant moment) {
    ScheduleDefinition definition = schedule.definition();
    JsonNode relative =
        BatchBodies.json(definition.start()).path("parameters").path(RetentionStatement.BEFORE);
    return RelativeTimes.valueAt(relative, moment, ZoneId.of(definition.zone()));
  }

  private static List<Warning> warnings(
      Retention rules, Optional<RetentionTable> found, List<String> droppable) {
    if (found.isEmpty()) {
      return List.of(Warning.of("retention-table"));
    }
    List<Warning> warnings = new ArrayList<>();
    if (found.get().index() == null) {
      warnings.add(Warning.of("no-index"));
    }
    if (rules.allowDropPartition()) {
      warnings.add(Warning.of("retention-drops"));
      if (!found.get().mayDrop()) {
        warnings.add(Warning.of("retention-may-not-drop"));
      }
    } else if (!droppable.isEmpty() && rules.where() == null) {
      warnings.add(Warning.of("retention-droppable", "partitions", String.join(", ", droppable)));
    }
    return warnings;
  }
}
