package dev.rowmill.rest.batch;

import dev.rowmill.batch.Page;
import dev.rowmill.batch.ProjectView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.rest.batch.ProjectPage.ProjectBody;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.PageParameters;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Lists and shows projects. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Projects", description = "Shows projects, the keys under which callers start batches")
class ProjectResource {

  private final BatchHistory history;
  private final Access access;

  ProjectResource(BatchHistory history, Access access) {
    this.history = history;
    this.access = access;
  }

  @GET
  @Path("/projects")
  @Operation(
      summary = "List projects",
      description = "Returns every project that has ever had a batch, most recent batch first.")
  @APIResponse(responseCode = "200", description = "A page of projects")
  public ProjectPage listProjects(
      @Parameter(
              description = "true: only projects with an active batch",
              schema = @Schema(type = SchemaType.BOOLEAN))
          @QueryParam("running")
          @Nullable String running,
      @Parameter(description = "Only projects whose names begin with this text", example = "spring")
          @QueryParam("prefix")
          @Nullable String prefix,
      @BeanParam PageParameters parameters) {
    var query = new ListQuery("/api/v1/projects");
    boolean runningOnly = query.flag("running", running);
    String named = query.prefix(prefix);
    Long beforeId = query.before(parameters.before);
    int most = query.limit(parameters.limit);
    query.check();
    Page<ProjectView> page = history.projects(runningOnly, named, access.seen(), beforeId, most);
    return new ProjectPage(page.items().stream().map(ProjectBody::of).toList(), query.next(page));
  }

  @GET
  @Path("/projects/{project}")
  @Operation(
      summary = "Show a project",
      description = "Returns whether one of the project's batches is active, and which one.")
  @APIResponse(responseCode = "200", description = "The project")
  public ProjectBody getProject(
      @Parameter(description = "The project", example = "p1") @PathParam("project")
          String project) {
    return history
        .project(access.project(project))
        .map(ProjectBody::of)
        .orElseThrow(NotFoundException::new);
  }
}
