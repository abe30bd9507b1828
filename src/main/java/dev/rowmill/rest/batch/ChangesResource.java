package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.changes.BatchChanges;
import dev.rowmill.changes.ChangeFormat;
import dev.rowmill.changes.ChangeRequest;
import dev.rowmill.changes.ChangeStream;
import dev.rowmill.changes.InvalidSelectionException;
import dev.rowmill.changes.KeyInterval;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.AuditedRead;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.security.Role;
import dev.rowmill.sql.run.ChangeScript;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Returns the rows that batches have changed, before and after. */
@Path("/api/v1")
@Blocking
@RolesAllowed(Role.Names.AUTHOR)
@Tag(name = "Changes", description = "Returns the rows that a batch has changed, before and after")
class ChangesResource {

  private final Access access;
  private final BatchChanges changes;

  ChangesResource(Access access, BatchChanges changes) {
    this.access = access;
    this.changes = changes;
  }

  @GET
  @Path("/batches/{id}/changes")
  @Produces({"application/x-ndjson", "text/csv", "application/sql"})
  @AuditedRead
  @Operation(
      summary = "Download the changes of a batch",
      description =
          "Streams each changed row with its values before and after, from the data that are stored"
              + " for undo, range after range. A NULL is null in NDJSON and an empty field in CSV,"
              + " where an empty text is a pair of quotes. Binary values are in Base64, DECIMAL"
              + " values are texts with all digits, a TIMESTAMP is in UTC. A new value that is"
              + " neither stored nor in the table any more is missing, and its column is named in"
              + " unknown. With format=sql, returns a script for the command-line client that undoes"
              + " the changes, or repeats them. A response that breaks off lacks its last chunk, so"
              + " clients report it as incomplete.")
  @APIResponse(
      responseCode = "200",
      description = "The changes",
      content = {
        @Content(
            mediaType = "application/x-ndjson",
            schema = @Schema(type = SchemaType.STRING),
            example =
                "{\"range\":7,\"change\":\"update\",\"key\":{\"id\":1},\"before\":{\"price\":\"10.00\"},\"after\":{\"price\":\"10.50\"}}"),
        @Content(
            mediaType = "text/csv",
            schema = @Schema(type = SchemaType.STRING),
            example =
                "range,change,key.id,before.price,after.price,unknown\n7,update,1,10.00,10.50,"),
        @Content(
            mediaType = "application/sql",
            schema = @Schema(type = SchemaType.STRING),
            example =
                "UPDATE `shop`.`item` SET `price` = 10.00 WHERE `id` = 1 AND `price` = 10.50;\nSET @not_found = @not_found + (ROW_COUNT() = 0);")
      })
  public Response downloadChanges(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(
              description = "ndjson (default), csv or sql",
              schema =
                  @Schema(
                      type = SchemaType.STRING,
                      enumeration = {"ndjson", "csv", "sql"}))
          @QueryParam("format")
          @Nullable String format,
      @Parameter(
              description =
                  "What a script does: undo (default) restores the old values, redo writes the new"
                      + " ones again",
              schema =
                  @Schema(
                      type = SchemaType.STRING,
                      enumeration = {"undo", "redo"}))
          @QueryParam("direction")
          @Nullable String direction,
      @Parameter(
              description =
                  "Names of the columns to show besides the key, separated by commas; not for sql",
              example = "price,status")
          @QueryParam("columns")
          @Nullable String columns,
      @Parameter(
              description =
                  "Least value of the first column of the key, which must be a number, a date or a"
                      + " time",
              example = "1000")
          @QueryParam("from")
          @Nullable String from,
      @Parameter(description = "Greatest value of the first column of the key", example = "1999")
          @QueryParam("to")
          @Nullable String to,
      @Parameter(
              description = "Only ranges with higher ids, to continue a download; not for sql",
              schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
          @QueryParam("after")
          @Nullable String after,
      @Context HttpHeaders headers) {
    var query = new ListQuery(BatchBodies.path(id) + "/changes");
    ChangeFormat chosen =
        query.choice(
            "format", format, ChangeFormat.values(), ChangeFormat::text, accepted(headers));
    ChangeScript script =
        query.choice(
            "direction", direction, ChangeScript.values(), ChangeScript::text, ChangeScript.UNDO);
    long afterRange = query.after(after);
    if (chosen == ChangeFormat.SQL) {
      query.forbid("columns", columns, "not-in-script");
      query.forbid("after", after, "not-in-script");
    } else {
      query.forbid("direction", direction, "only-in-script");
    }
    query.check();
    BatchView batch = access.batch(id);
    ChangeStream stream =
        changes.open(
            batch,
            new ChangeRequest(
                chosen, script, names(columns), new KeyInterval(from, to), afterRange));
    begin(stream);
    return Response.ok(new ChangeDownload(batch, stream))
        .type(stream.contentType())
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            "attachment; filename=\"batch-%d-%s.%s\""
                .formatted(
                    id, chosen == ChangeFormat.SQL ? script.text() : "changes", chosen.text()))
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .header("X-Accel-Buffering", "no")
        .build();
  }

  /**
   * Reads the first part. Its errors are still reported as problems, unlike those of later ones.
   */
  private static void begin(ChangeStream stream) {
    try {
      stream.begin();
    } catch (InvalidSelectionException e) {
      throw new InvalidRequestException(e.field(), e.reason());
    }
  }

  private static @Nullable Set<String> names(@Nullable String columns) {
    return columns == null
        ? null
        : Arrays.stream(columns.split(","))
            .map(String::strip)
            .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Returns the first format that the caller accepts; NDJSON if it accepts any. */
  private static ChangeFormat accepted(HttpHeaders headers) {
    return headers.getAcceptableMediaTypes().stream()
        .flatMap(
            type ->
                Arrays.stream(ChangeFormat.values())
                    .filter(format -> MediaType.valueOf(format.contentType()).isCompatible(type)))
        .findFirst()
        .orElse(ChangeFormat.NDJSON);
  }
}
