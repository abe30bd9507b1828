package dev.rowmill.rest.admin;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.dispatch.BatchDefaults;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.statement.SavedStatement;
import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.dispatch.statement.SavedStatements.Stored;
import dev.rowmill.rest.admin.StatementBodies.StatementBody;
import dev.rowmill.rest.admin.StatementBodies.StatementPage;
import dev.rowmill.rest.batch.SavedStatementBody;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.http.LimitParameter;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Caller;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
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

/** Saves statements that callers can start by name, and shows and deletes them. */
@Path("/api/v1/statements")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Statements", description = "Manages statements that callers start by name")
class StatementResource {

  private static final String PATH = "/api/v1/statements";

  private final SavedStatements statements;
  private final BatchStarter starter;
  private final BatchDefaults defaults;
  private final Callers callers;

  StatementResource(
      SavedStatements statements, BatchStarter starter, BatchDefaults defaults, Callers callers) {
    this.statements = statements;
    this.starter = starter;
    this.defaults = defaults;
    this.callers = callers;
  }

  @PUT
  @RolesAllowed(Role.Names.ADMIN)
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Save a statement",
      description =
          "Saves a statement, and replaces another one of that name. It is checked like a start."
              + " Batches already started by the name continue unchanged.")
  @APIResponse(
      responseCode = "201",
      description = "The statement is saved; no other had this name",
      content = @Content(schema = @Schema(implementation = StatementBody.class)))
  @APIResponseSchema(
      value = StatementBody.class,
      responseCode = "200",
      responseDescription = "The statement is saved, and replaces another one")
  public Response saveStatement(
      @Parameter(description = "1 to 64 of A-Z a-z 0-9 . _ -", example = "raise-prices")
          @PathParam("name")
          String name,
      @RequestBody(
              description = "The statement, and the values and bounds that its starts may use",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/SavedStatementRequest"),
                      examples =
                          @ExampleObject(
                              name = "raise",
                              summary = "Raise the prices of a project's active items",
                              value =
                                  """
                                  {"sql": "UPDATE shop.item SET price = price * :factor WHERE project = :project AND status = 'active'",
                                   "parameters": {"factor": {"type": "decimal", "minimum": 0.5, "maximum": 2}},
                                   "projects": ["outlet-*"], "maxRows": 100000}""")))
          InputStream body) {
    ListQuery.name("name", name);
    SavedStatement statement = SavedStatementBody.read(RequestBytes.of(body));
    starter.check(sample(statement));
    Stored stored = statements.put(name, StoredJson.write(statement), callers.current().name());
    Response.ResponseBuilder response =
        stored.version() == 1
            ? Response.status(Response.Status.CREATED)
                .header(HttpHeaders.LOCATION, PATH + "/" + name)
            : Response.ok();
    return response.entity(StatementBody.of(stored)).build();
  }

  /**
   * Returns a start of the statement with sample values. Its project need not be one that the
   * statement is for, because this check ignores projects.
   */
  private BatchSpec sample(SavedStatement statement) {
    BatchSpec spec = defaults.of("p");
    return spec.with(BatchWork.sql(statement.sql(), null, statement.samples().toString()))
        .with(spec.safeguards().confirming(statement.wholeTable(), true));
  }

  @GET
  @Operation(
      summary = "List the saved statements",
      description =
          "Returns a page of the statements that apply to a project that the caller sees, by name."
              + " A page may contain fewer items than the limit and still have a next page.")
  @APIResponse(responseCode = "200", description = "A page of statements")
  public StatementPage listStatements(
      @Parameter(description = "Only statements after this name; taken from the path in next")
          @QueryParam("after")
          @Nullable String after,
      @BeanParam LimitParameter parameters) {
    var query = new ListQuery(PATH);
    int limit = query.limit(parameters.limit);
    query.check();
    String behind = after == null || after.isEmpty() ? "" : ListQuery.name("after", after);
    List<Stored> found = statements.list(behind, limit + 1);
    List<Stored> page = found.size() > limit ? found.subList(0, limit) : found;
    String next =
        found.size() > limit
            ? PATH + "?limit=" + limit + "&after=" + page.get(limit - 1).name()
            : null;
    return new StatementPage(
        page.stream().filter(this::isForCaller).map(StatementBody::of).toList(), next);
  }

  @GET
  @Path("/{name}")
  @Operation(
      summary = "Show a saved statement",
      description = "Returns a statement that applies to a project that the caller sees.")
  @APIResponse(responseCode = "200", description = "The statement")
  public StatementBody getStatement(
      @Parameter(description = "Name", example = "raise-prices") @PathParam("name") String name) {
    return statements
        .find(ListQuery.name("name", name))
        .filter(this::isForCaller)
        .map(StatementBody::of)
        .orElseThrow(NotFoundException::new);
  }

  @DELETE
  @RolesAllowed(Role.Names.ADMIN)
  @Path("/{name}")
  @Operation(
      summary = "Delete a saved statement",
      description = "Batches already started by its name continue.")
  @APIResponse(responseCode = "204", description = "The statement is deleted")
  public void deleteStatement(
      @Parameter(description = "Name", example = "raise-prices") @PathParam("name") String name) {
    if (!statements.delete(ListQuery.name("name", name))) {
      throw new NotFoundException();
    }
  }

  private boolean isForCaller(Stored stored) {
    Caller caller = callers.current();
    return StartResolver.read(stored).isFor(caller.projects());
  }
}
