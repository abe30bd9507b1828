package dev.rowmill.rest.schedule;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Label;
import dev.rowmill.batch.Page;
import dev.rowmill.rest.batch.BatchBodies;
import dev.rowmill.rest.batch.BatchBody;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.LimitParameter;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.schedule.ScheduleBodies.NextView;
import dev.rowmill.rest.schedule.ScheduleBodies.RunPage;
import dev.rowmill.rest.schedule.ScheduleBodies.RunView;
import dev.rowmill.rest.schedule.ScheduleBodies.SchedulePage;
import dev.rowmill.rest.schedule.ScheduleBodies.ScheduleView;
import dev.rowmill.rest.schedule.ScheduleStore.Stored;
import dev.rowmill.retention.RetentionTask;
import dev.rowmill.schedule.Firings;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleRun;
import dev.rowmill.schedule.ScheduleRuns;
import dev.rowmill.schedule.Schedules;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Stores schedules, shows them and their firings, and pauses, resumes and runs them. */
@Path(ScheduleResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Schedules", description = "Starts batches again and again, at given times")
class ScheduleResource {

  static final String PATH = "/api/v1/schedules";

  /** Sets the number of next firings that are shown by default. */
  static final int NEXT = 5;

  private final Schedules schedules;
  private final ScheduleRuns runs;
  private final Firings firings;
  private final ScheduleStore store;
  private final StoredStarts starts;
  private final ScheduleViews views;
  private final BatchBodies bodies;
  private final Problems problems;
  private final Access access;
  private final Callers callers;
  private final Clock clock;

  ScheduleResource(
      Schedules schedules,
      ScheduleRuns runs,
      Firings firings,
      ScheduleStore store,
      StoredStarts starts,
      ScheduleViews views,
      BatchBodies bodies,
      Problems problems,
      Access access,
      Callers callers,
      Clock clock) {
    this.schedules = schedules;
    this.runs = runs;
    this.firings = firings;
    this.store = store;
    this.starts = starts;
    this.views = views;
    this.bodies = bodies;
    this.problems = problems;
    this.access = access;
    this.callers = callers;
    this.clock = clock;
  }

  @PUT
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Store a schedule",
      description =
          "Stores a schedule, and replaces another one of that name. Its start is checked like a"
              + " start now. Each firing starts one batch, on any number of nodes. Parameters may"
              + " be relative to the firing: {\"now\": \"-P90D\", \"precision\": \"day\"}.")
  @APIResponse(
      responseCode = "201",
      description = "The schedule is stored; no other had this name",
      content = @Content(schema = @Schema(implementation = ScheduleView.class)))
  @APIResponseSchema(
      value = ScheduleView.class,
      responseCode = "200",
      responseDescription = "The schedule is stored, and replaces another one")
  public Response saveSchedule(
      @Parameter(description = "1 to 64 of A-Z a-z 0-9 . _ -", example = "purge-sessions")
          @PathParam("name")
          String name,
      @RequestBody(
              description = "When it fires, and what it starts",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/ScheduleRequest"),
                      examples =
                          @ExampleObject(
                              name = "purge",
                              summary = "Delete old sessions each night",
                              value =
                                  """
                                  {"project": "p1", "cron": "30 2 * * *", "zone": "Europe/Berlin",
                                   "sql": "DELETE FROM shop.session WHERE seen_on < :before",
                                   "parameters": {"before": {"now": "-P90D", "precision": "day"}},
                                   "onBusy": "skip", "reason": "retention"}""")))
          InputStream body) {
    ListQuery.name("name", name);
    ScheduleBody.Request request =
        ScheduleBody.read(JsonBody.of(RequestBytes.of(body)), schedules.now());
    request.refuseTask(RetentionTask.NAME);
    Stored stored = store.put(name, request);
    return stored.response(PATH + "/" + name).entity(views.of(stored.schedule())).build();
  }

  @GET
  @Operation(
      summary = "List the schedules",
      description =
          "Returns a page of the schedules of the projects that the caller sees, by name. A page"
              + " may contain fewer items than the limit and still have a next page.")
  @APIResponse(responseCode = "200", description = "A page of schedules")
  public SchedulePage listSchedules(
      @Parameter(description = "Only schedules after this name; taken from the path in next")
          @QueryParam("after")
          @Nullable String after,
      @Parameter(
              description =
                  "Only schedules with this label, as name:value; repeat it for several labels",
              example = "[\"ticket:OPS-7\"]")
          @QueryParam("label")
          @Nullable List<String> label,
      @BeanParam LimitParameter parameters) {
    var query = new ListQuery(PATH);
    List<Label> labels = query.labels(label);
    int limit = query.limit(parameters.limit);
    query.check();
    String behind = after == null || after.isEmpty() ? "" : ListQuery.name("after", after);
    List<Schedule> found = schedules.list(behind, labels, limit + 1);
    List<Schedule> page = found.size() > limit ? found.subList(0, limit) : found;
    String next =
        found.size() > limit
            ? PATH + "?limit=" + limit + filter(labels) + "&after=" + page.get(limit - 1).name()
            : null;
    return new SchedulePage(
        views.of(
            page.stream().filter(schedule -> access.seen().include(schedule.project())).toList()),
        next);
  }

  private static String filter(List<Label> labels) {
    return labels.stream()
        .map(label -> label.name() + ":" + label.value())
        .map(text -> "&label=" + URLEncoder.encode(text, StandardCharsets.UTF_8))
        .collect(Collectors.joining());
  }

  @GET
  @Path("/{name}")
  @Operation(summary = "Show a schedule", description = "Returns a schedule.")
  @APIResponse(responseCode = "200", description = "The schedule")
  public ScheduleView getSchedule(@PathParam("name") String name) {
    return views.of(schedule(name));
  }

  /**
   * Returns a schedule of a project that the caller sees.
   *
   * @throws NotFoundException when there is none
   */
  private Schedule schedule(String name) {
    return schedules
        .find(ListQuery.name("name", name))
        .filter(schedule -> access.seen().include(schedule.project()))
        .orElseThrow(NotFoundException::new);
  }

  @DELETE
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/{name}")
  @Operation(
      summary = "Delete a schedule",
      description = "Deletes a schedule and the list of its firings. Its batches continue.")
  @APIResponse(responseCode = "204", description = "The schedule is deleted")
  public void deleteSchedule(@PathParam("name") String name) {
    schedules.delete(schedule(name));
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{name}/pause")
  @Operation(
      summary = "Pause a schedule",
      description = "The schedule does not fire until it is resumed. Its batches continue.")
  @APIResponse(responseCode = "200", description = "The schedule is paused")
  public ScheduleView pauseSchedule(@PathParam("name") String name) {
    return enabled(name, false);
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{name}/resume")
  @Operation(
      summary = "Resume a schedule",
      description =
          "The schedule fires again, at its next time. Firings that were due meanwhile are left"
              + " out.")
  @APIResponse(responseCode = "200", description = "The schedule fires again")
  public ScheduleView resumeSchedule(@PathParam("name") String name) {
    return enabled(name, true);
  }

  private ScheduleView enabled(String name, boolean enabled) {
    schedule(name);
    return schedules.enable(name, enabled).map(views::of).orElseThrow(NotFoundException::new);
  }

  @POST
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/{name}/approve")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Approve a schedule",
      description =
          "Approves what the batches of a schedule change, for the time in approvalValidFor. They"
              + " need no approval of their own then, unless they plan unusually many rows. A"
              + " caller that has stored the schedule can't approve it.")
  @APIResponse(responseCode = "200", description = "The schedule is approved")
  public ScheduleView approveSchedule(
      @PathParam("name") String name,
      @RequestBody(
              description = "What is approved",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/ScheduleApprovalRequest"),
                      examples =
                          @ExampleObject(
                              name = "read",
                              summary = "Approve what the schedule did when it was read",
                              value =
                                  """
                                  {"content": "17-3"}""")))
          InputStream body) {
    String content = ApprovalBody.read(RequestBytes.of(body));
    Schedule schedule = schedule(name);
    StoredStarts.Content present = starts.content(schedule);
    if (!content.equals(present.text())) {
      throw new Refusal(ProblemType.SCHEDULE_CHANGED.code(), Map.of());
    }
    String by = callers.current().name();
    return views.of(schedules.approve(schedule, content, present.authors(), by));
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{name}/run")
  @Operation(
      summary = "Run a schedule now",
      description =
          "Starts the batch of a schedule now, in addition to its firings, and even while it is"
              + " paused. Relative parameters refer to the present time.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is stored and accepted for launch",
      headers = @Header(name = "Location", description = "Path of the batch"),
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response runSchedule(
      @PathParam("name") String name, @HeaderParam("Accept-Language") @Nullable String language) {
    BatchView batch = firings.run(schedule(name), callers.current().name());
    return Response.accepted(bodies.of(batch, Language.of(language)))
        .header(HttpHeaders.LOCATION, BatchBodies.path(batch.id()))
        .build();
  }

  @GET
  @Path("/{name}/next")
  @Operation(
      summary = "Show the next firings of a schedule",
      description = "Returns the times at which the schedule fires, or would if it were resumed.")
  @APIResponse(responseCode = "200", description = "The times")
  public NextView listNextFirings(
      @PathParam("name") String name,
      @Parameter(
              description = "Number of firings, 5 by default and 500 at most",
              schema = @Schema(type = SchemaType.INTEGER, minimum = "1", maximum = "500"))
          @QueryParam("count")
          @Nullable String count) {
    int most = count == null ? NEXT : ListQuery.count("count", count);
    return new NextView(schedule(name).next(clock.instant(), most));
  }

  @GET
  @Path("/{name}/runs")
  @Operation(
      summary = "List the firings of a schedule",
      description = "Returns a page of the firings, newest first, with their outcome.")
  @APIResponse(responseCode = "200", description = "A page of firings")
  public RunPage listScheduleRuns(
      @PathParam("name") String name,
      @Parameter(
              description =
                  "Only firings before this time, in milliseconds since 1970; taken from the path"
                      + " in next",
              schema = @Schema(type = SchemaType.INTEGER))
          @QueryParam("before")
          @Nullable String before,
      @BeanParam LimitParameter parameters,
      @HeaderParam("Accept-Language") @Nullable String language) {
    var query = new ListQuery(PATH + "/" + ListQuery.name("name", name) + "/runs");
    Long end = query.before(before);
    int limit = query.limit(parameters.limit);
    query.check();
    Schedule schedule = schedule(name);
    Page<ScheduleRun> page = runs.list(schedule, end, limit);
    Language spoken = Language.of(language);
    return new RunPage(
        page.items().stream().map(run -> RunView.of(schedule, run, problems, spoken)).toList(),
        query.next(page));
  }
}
