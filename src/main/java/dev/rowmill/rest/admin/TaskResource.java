package dev.rowmill.rest.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.httptask.AllowedHosts;
import dev.rowmill.httptask.HttpTask;
import dev.rowmill.httptask.HttpTaskTable;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

/** Lists the registered tasks, and stores those that other services do over HTTP. */
@Path("/api/v1/tasks")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Tasks", description = "Manages tasks, which callers start by name")
public class TaskResource {

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");

  /** Represents all tasks, which always fit on one page. */
  @Schema(name = "TaskList", description = "All registered tasks, by name")
  public record Tasks(
      @Schema(description = "Tasks") List<TaskBody> items,
      @Schema(description = "Always null: all tasks are on one page") @Nullable String next) {}

  /** Represents a task as callers see it. */
  @RegisterForReflection
  @Schema(name = "Task", description = "A registered task that callers can start by name")
  public record TaskBody(
      @Schema(description = "Name by which callers start it", examples = "geocode") String name,
      @Schema(
              description = "java: a part of Rowmill; http: another service does it",
              enumeration = {"java", "http"})
          String kind,
      @Schema(description = "What it does", examples = "Finds the place of each address")
          String description,
      @Schema(description = "JSON Schema (2020-12) of its parameters") JsonNode parameters,
      @Schema(
              description =
                  "For an HTTP task: address, without its query; null where workers lease the"
                      + " chunks")
          @Nullable String url,
      @Schema(description = "For an HTTP task: time until a response, or of a lease")
          @Nullable Integer timeoutMillis,
      @Schema(description = "For an HTTP task: maximum number of calls of a batch on a node")
          @Nullable Integer concurrency,
      @Schema(description = "Caller that stored it last, when callers are known")
          @Nullable String updatedBy,
      @Schema(description = "For an HTTP task: time at which it was stored")
          @Nullable Instant updatedAt) {

    private static TaskBody of(HttpTask.Stored stored) {
      HttpTask task = stored.task();
      return new TaskBody(
          task.name(),
          "http",
          task.description(),
          StoredJson.read(task.schema(), JsonNode.class),
          task.url() == null ? null : withoutQuery(task.url()),
          task.timeoutMillis(),
          task.concurrency(),
          stored.updatedBy(),
          stored.updatedAt());
    }

    private static String withoutQuery(String url) {
      return URI.create(url).getRawQuery() == null ? url : url.substring(0, url.indexOf('?'));
    }
  }

  private final TaskRegistry registry;
  private final ParameterSchemas schemas;
  private final HttpTaskTable table;
  private final AllowedHosts hosts;
  private final Callers callers;

  TaskResource(
      TaskRegistry registry,
      ParameterSchemas schemas,
      HttpTaskTable table,
      AllowedHosts hosts,
      Callers callers) {
    this.registry = registry;
    this.schemas = schemas;
    this.table = table;
    this.hosts = hosts;
    this.callers = callers;
  }

  @GET
  @Operation(
      summary = "List the registered tasks",
      description = "Returns each task with the JSON Schema of its parameters.")
  @APIResponse(responseCode = "200", description = "All tasks, by name")
  public Tasks listTasks() {
    List<TaskBody> tasks =
        Stream.concat(
                registry.all().stream().map(this::body), table.all().stream().map(TaskBody::of))
            .sorted(Comparator.comparing(TaskBody::name))
            .toList();
    return new Tasks(tasks, null);
  }

  private TaskBody body(BatchTask<?> task) {
    return new TaskBody(
        task.name(),
        "java",
        task.description(),
        schemas.of(task.parametersType()),
        null,
        null,
        null,
        null,
        null);
  }

  @GET
  @Path("/{name}")
  @Operation(
      summary = "Show a task",
      description = "Returns a task. The secret of an HTTP task is never shown.")
  @APIResponse(responseCode = "200", description = "The task")
  public TaskBody getTask(
      @Parameter(description = "Name", example = "geocode") @PathParam("name") String name) {
    return registry.all().stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .map(this::body)
        .or(() -> table.find(name(name)).map(TaskBody::of))
        .orElseThrow(NotFoundException::new);
  }

  @PUT
  @RolesAllowed(Role.Names.ADMIN)
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Store an HTTP task",
      description =
          "Stores a task that another service does, and replaces another one of that name. Batches"
              + " that run continue with the task as it was when their run began.")
  @APIResponse(
      responseCode = "201",
      description = "The task is stored; no other had this name",
      content = @Content(schema = @Schema(implementation = TaskBody.class)))
  @APIResponseSchema(
      value = TaskBody.class,
      responseCode = "200",
      responseDescription = "The task is stored, and replaces another one")
  public Response saveTask(
      @Parameter(description = "1 to 64 of a-z 0-9 -", example = "geocode") @PathParam("name")
          String name,
      @RequestBody(
              description = "The task",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/HttpTaskRequest"),
                      examples =
                          @ExampleObject(
                              name = "geocode",
                              summary = "A service that finds the place of an address",
                              value =
                                  """
                                  {"description": "Finds the place of each address",
                                   "url": "https://geo.example.com/rowmill", "secret": "0123456789abcdef",
                                   "timeoutMillis": 10000, "concurrency": 20,
                                   "parameters": {"type": "object", "additionalProperties": false,
                                                  "properties": {"country": {"type": "string", "maxLength": 2}}}}""")))
          InputStream body) {
    if (registry.isOfBean(name(name))) {
      throw new InvalidRequestException("name", Reason.of("task-in-java"));
    }
    HttpTask task = HttpTaskBody.read(name, JsonBody.of(RequestBytes.of(body)), hosts);
    boolean fresh = table.put(task, callers.current().name());
    Response.ResponseBuilder response =
        fresh
            ? Response.status(Response.Status.CREATED)
                .header(HttpHeaders.LOCATION, "/api/v1/tasks/" + name)
            : Response.ok();
    return response.entity(getTask(name)).build();
  }

  @DELETE
  @RolesAllowed(Role.Names.ADMIN)
  @Path("/{name}")
  @Operation(
      summary = "Delete an HTTP task",
      description = "Batches of the task that begin or resume later fail.")
  @APIResponse(responseCode = "204", description = "The task is deleted")
  public void deleteTask(
      @Parameter(description = "Name", example = "geocode") @PathParam("name") String name) {
    if (!table.delete(name(name))) {
      throw new NotFoundException();
    }
  }

  private static String name(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidRequestException("name", Reason.of("task-name"));
    }
    return name;
  }
}
