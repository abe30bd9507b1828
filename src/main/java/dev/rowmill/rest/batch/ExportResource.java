package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.export.ExportManifests;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
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

/** Starts exports, and shows their manifests. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Exports", description = "Writes the rows of a query to files")
class ExportResource {

  private final BatchStarter starter;
  private final StartResponses responses;
  private final StartResolver resolver;
  private final ExportManifests manifests;
  private final Access access;

  ExportResource(
      BatchStarter starter,
      StartResponses responses,
      StartResolver resolver,
      ExportManifests manifests,
      Access access) {
    this.starter = starter;
    this.responses = responses;
    this.resolver = resolver;
    this.manifests = manifests;
    this.access = access;
  }

  @POST
  @Path("/projects/{project}/exports")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.AUTHOR)
  @Operation(
      summary = "Export rows",
      description =
          "Starts a batch that writes the rows of a query over one table to files, one for each"
              + " chunk, and a manifest that lists them. It changes no row.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is stored and accepted for launch",
      headers = {
        @Header(name = "Location", description = "Path of the batch"),
        @Header(
            name = "Preference-Applied",
            description = "The wait that was applied",
            schema = @Schema(type = SchemaType.STRING))
      },
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the batch ended within that time")
  @Parameter(
      name = StartResponses.IDEMPOTENCY_KEY,
      in = ParameterIn.HEADER,
      description = "As for a start",
      schema = @Schema(type = SchemaType.STRING))
  public Uni<Response> startExport(
      @Parameter(description = "1 to 64 of A-Z a-z 0-9 . _ -", example = "p1") @PathParam("project")
          String project,
      @Parameter(
              description = "As for a start",
              example = "wait=10",
              schema = @Schema(type = SchemaType.STRING))
          @HeaderParam("Prefer")
          List<String> preferences,
      @Parameter(description = "Language of problem texts: en or zh", example = "zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "Query, format and place of the files",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/Export"),
                      examples =
                          @ExampleObject(
                              name = "items",
                              summary = "Export the active items as Parquet",
                              value =
                                  """
                                  {"select": "SELECT id, price FROM shop.item WHERE status = :status",
                                   "parameters": {"status": "active"}, "format": "parquet",
                                   "to": {"directory": "daily/items"}, "lanes": 4}""")))
          InputStream body,
      @Context HttpServerRequest http) {
    String name = access.project(project);
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.of(RequestBytes.of(body));
    ExportBody export = ExportBody.read(read);
    StartRequest base = resolver.base(name, key, RequestHash.of(name, read.node()));
    return responses.startAndRespond(
        () -> starter.start(resolver.whole(access.start(export.over(base)))),
        preferences,
        language);
  }

  @GET
  @Path("/batches/{id}/manifest")
  @Operation(
      summary = "Show the manifest of an export or of an archive to files",
      description =
          "Returns the manifest that a batch has written beside its files: their ranges, rows,"
              + " bytes and SHA-256, the types of the columns, and the definition of the table. An"
              + " archive that was paused or cancelled, or has failed, has one of its files so far,"
              + " in which complete is false.")
  @APIResponse(
      responseCode = "200",
      description = "The manifest",
      content =
          @Content(
              schema = @Schema(type = SchemaType.OBJECT),
              example = "{\"batch\": 42, \"rows\": 250000, \"files\": []}"))
  public Response getManifest(@PathParam("id") long id) {
    return Response.ok(
            manifests.find(access.batch(id).id()).orElseThrow(NotFoundException::new),
            MediaType.APPLICATION_JSON_TYPE)
        .build();
  }
}
