package dev.rowmill.rest.batch;

import dev.rowmill.batch.Page;
import dev.rowmill.files.FileFormat;
import dev.rowmill.rest.batch.UploadBody.ErrorBody;
import dev.rowmill.rest.batch.UploadBody.ErrorPage;
import dev.rowmill.rest.batch.UploadBody.UploadPage;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.FileBody;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.upload.Upload;
import dev.rowmill.upload.UploadReceiver;
import dev.rowmill.upload.Uploads;
import dev.rowmill.upload.Uploads.LineError;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Receives files whose lines change tables, and shows them. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@RolesAllowed(Role.Names.AUTHOR)
@Tag(name = "Uploads", description = "Receives files whose lines change a table")
class UploadResource {

  /** Limits the errors in the response to a file that is rejected. */
  private static final int FIRST_ERRORS = 20;

  private final Access access;
  private final Callers callers;
  private final UploadReceiver receiver;
  private final Uploads uploads;

  UploadResource(Access access, Callers callers, UploadReceiver receiver, Uploads uploads) {
    this.access = access;
    this.callers = callers;
    this.receiver = receiver;
    this.uploads = uploads;
  }

  @POST
  @Path("/uploads")
  @Consumes(MediaType.WILDCARD)
  @FileBody
  @Operation(
      summary = "Upload a file",
      description =
          "Reads a file into a table of its own. Each column has the type of the column of the same"
              + " name, or of the one that columns names; others are text. A value is stored exactly"
              + " as it was sent, else its line is an error. A file with errors is rejected, and its"
              + " errors are listed; nothing has been changed then. A file that is not received"
              + " completely leaves nothing. In CSV, an empty field is NULL and \"\" an empty text."
              + " Binary values are in Base64, except in Parquet; a TIMESTAMP is in UTC. The rows of a"
              + " Parquet file are its lines, and its columns must not be nested.")
  @APIResponse(
      responseCode = "201",
      description = "The upload, which is ready",
      content = @Content(schema = @Schema(implementation = UploadBody.class)))
  public Response uploadFile(
      @Parameter(description = "Project whose batches may use it", example = "p1", required = true)
          @QueryParam("project")
          @Nullable String project,
      @Parameter(
              description = "Table that the file will change",
              example = "shop.item",
              required = true)
          @QueryParam("table")
          @Nullable String table,
      @Parameter(
              description = "csv (default), ndjson or parquet",
              schema =
                  @Schema(
                      type = SchemaType.STRING,
                      enumeration = {"csv", "ndjson", "parquet"}))
          @QueryParam("format")
          @Nullable String format,
      @Parameter(
              description =
                  "Columns of the file that have another name than the column of the table whose"
                      + " type they have, separated by commas",
              example = "old_price:price")
          @QueryParam("columns")
          @Nullable String columns,
      @RequestBody(
              description = "The file: Parquet, or text in UTF-8",
              content =
                  @Content(
                      mediaType = "text/csv",
                      schema = @Schema(type = SchemaType.STRING),
                      examples =
                          @ExampleObject(
                              name = "prices",
                              summary = "New prices, and the prices that they replace",
                              value = "sku,price,old_price\nA-1,10.50,10.00\nA-2,7.20,6.90\n")))
          InputStream body)
      throws IOException {
    var query = new ListQuery("");
    FileFormat chosen =
        query.choice("format", format, FileFormat.values(), FileFormat::text, FileFormat.CSV);
    query.check();
    String name = access.project(given("project", project));
    Upload upload;
    try {
      upload =
          receiver.receive(
              new UploadReceiver.Request(
                  name, given("table", table), chosen, named(columns), callers.current().name()),
              body);
    } catch (IOException e) {
      // The client closed the connection, or took too long.
      throw new InvalidRequestException("", Reason.of("upload-incomplete"));
    }
    if (upload.status() == Upload.Status.REJECTED) {
      throw rejected(upload);
    }
    return Response.created(URI.create(UploadBody.path(upload)))
        .entity(UploadBody.of(upload))
        .build();
  }

  private static String given(String parameter, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new InvalidRequestException(parameter, Reason.of("missing-value"));
    }
    return value;
  }

  private static Map<String, String> named(@Nullable String columns) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String pair : columns == null ? List.<String>of() : List.of(columns.split(","))) {
      int colon = pair.indexOf(':');
      if (colon < 1 || colon == pair.length() - 1) {
        throw new InvalidRequestException("columns", Reason.of("upload-columns"));
      }
      named.put(
          pair.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          pair.substring(colon + 1).strip());
    }
    return named;
  }

  private Refusal rejected(Upload upload) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("upload", upload.name());
    members.put("errors", upload.errors());
    List<Map<String, Object>> first = new ArrayList<>();
    for (LineError error : uploads.errors(upload.id(), 0, FIRST_ERRORS).items()) {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("line", error.line());
      shown.put("message", error.message());
      first.add(shown);
    }
    members.put("firstErrors", first);
    return new Refusal(ProblemType.UPLOAD_REJECTED.code(), members);
  }

  @GET
  @Path("/uploads")
  @Operation(summary = "List uploads", description = "Returns a page of uploads, newest first.")
  @APIResponse(responseCode = "200", description = "A page of uploads")
  public UploadPage listUploads(
      @Parameter(description = "Only uploads of this project", example = "p1")
          @QueryParam("project")
          @Nullable String project,
      @Parameter(
              description = "Only uploads that are older than this one",
              schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
          @QueryParam("before")
          @Nullable String before,
      @Parameter(description = "Maximum number of items, 50 by default, 500 at most")
          @QueryParam("limit")
          @Nullable String limit) {
    var query = new ListQuery("/api/v1/uploads");
    String only = query.projectFilter(project);
    Long first = query.before(before);
    int most = query.limit(limit);
    query.check();
    Page<Upload> page =
        uploads.list(
            upload ->
                access.seen().include(upload.project())
                    && (only == null || only.equals(upload.project())),
            first,
            most);
    return new UploadPage(page.items().stream().map(UploadBody::of).toList(), query.next(page));
  }

  @GET
  @Path("/uploads/{id}")
  @Operation(summary = "Show an upload", description = "Returns an upload.")
  @APIResponse(responseCode = "200", description = "The upload")
  public UploadBody getUpload(
      @Parameter(description = "The upload's id", example = "u_9") @PathParam("id") String id) {
    return UploadBody.of(upload(id));
  }

  @GET
  @Path("/uploads/{id}/errors")
  @Operation(
      summary = "List the errors of an upload",
      description =
          "Returns a page of the lines that were rejected, in their order. A file is read up to"
              + " its 10,000th error.")
  @APIResponse(responseCode = "200", description = "A page of errors")
  public ErrorPage listUploadErrors(
      @Parameter(description = "The upload's id", example = "u_9") @PathParam("id") String id,
      @BeanParam EvidenceParameters parameters) {
    Upload upload = upload(id);
    var query = new ListQuery(UploadBody.path(upload) + "/errors");
    long after = query.after(parameters.after);
    int limit = query.limit(parameters.limit);
    query.check();
    Page<LineError> page = uploads.errors(upload.id(), after, limit);
    return new ErrorPage(page.items().stream().map(ErrorBody::of).toList(), query.nextAfter(page));
  }

  @DELETE
  @Path("/uploads/{id}")
  @Operation(
      summary = "Delete an upload",
      description =
          "Deletes an upload with its rows. A batch that still needs them fails. Batches that have"
              + " ended can still be undone.")
  @APIResponse(responseCode = "204", description = "The upload is deleted")
  public void deleteUpload(
      @Parameter(description = "The upload's id", example = "u_9") @PathParam("id") String id) {
    uploads.delete(upload(id).id());
  }

  private Upload upload(String id) {
    return Upload.number(id)
        .flatMap(uploads::find)
        .filter(upload -> access.seen().include(upload.project()))
        .orElseThrow(NotFoundException::new);
  }
}
