package dev.rowmill.rest.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.security.Role;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Lists the registered tasks. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Tasks", description = "Shows tasks, which are written in Java and started by name")
public class TaskResource {

  /** Represents all tasks, which always fit on one page. */
  @Schema(name = "TaskList", description = "All registered tasks, by name")
  public record Tasks(
      @Schema(description = "Tasks") List<TaskBody> items,
      @Schema(description = "Always null: all tasks are on one page") @Nullable String next) {}

  /** Represents a task as callers see it. */
  @RegisterForReflection
  @Schema(name = "Task", description = "A registered task that callers can start by name")
  public record TaskBody(
      @Schema(description = "Name by which callers start it") String name,
      @Schema(description = "What it does") String description,
      @Schema(description = "JSON Schema (2020-12) of its parameters") JsonNode parameters) {}

  private final TaskRegistry registry;
  private final ParameterSchemas schemas;

  TaskResource(TaskRegistry registry, ParameterSchemas schemas) {
    this.registry = registry;
    this.schemas = schemas;
  }

  @GET
  @Path("/tasks")
  @RolesAllowed(Role.Names.VIEWER)
  @Operation(
      summary = "List the registered tasks",
      description = "Returns each task with the JSON Schema of its parameters.")
  @APIResponse(responseCode = "200", description = "All tasks, by name")
  public Tasks listTasks() {
    List<TaskBody> tasks =
        registry.all().stream()
            .map(
                task ->
                    new TaskBody(
                        task.name(), task.description(), schemas.of(task.parametersType())))
            .toList();
    return new Tasks(tasks, null);
  }
}
