package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChunkRange;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.store.ChunkRanges;
import dev.rowmill.batch.store.SkippedRows;
import dev.rowmill.batch.store.SkippedRows.Skipped;
import dev.rowmill.batch.store.UndoConflicts;
import dev.rowmill.batch.store.UndoConflicts.Conflict;
import dev.rowmill.dispatch.StartChecks;
import dev.rowmill.rest.batch.EvidencePages.ConflictBody;
import dev.rowmill.rest.batch.EvidencePages.ConflictPage;
import dev.rowmill.rest.batch.EvidencePages.LaneBody;
import dev.rowmill.rest.batch.EvidencePages.LaneList;
import dev.rowmill.rest.batch.EvidencePages.RangeBody;
import dev.rowmill.rest.batch.EvidencePages.RangePage;
import dev.rowmill.rest.batch.EvidencePages.SkippedBody;
import dev.rowmill.rest.batch.EvidencePages.SkippedPage;
import dev.rowmill.rest.batch.KeyedCsv.Line;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.OptionalLong;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Shows the ranges and lanes that a batch processed, the rows that it skipped, and the rows that an
 * undo did not restore.
 */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.VIEWER)
@Tag(
    name = "Evidence",
    description =
        "Shows the ranges that a batch processed, the rows that it skipped, and the conflicts of"
            + " an undo")
class EvidenceResource {

  private static final String CSV = "text/csv";

  private static final List<String> CONFLICT_COLUMNS = List.of("reason", "detail");
  private static final List<String> SKIPPED_COLUMNS =
      List.of("errorCode", "sqlState", "message", "lane", "from", "to", "retriedBy");

  private final Access access;
  private final StartChecks checks;
  private final ChunkRanges ranges;
  private final UndoConflicts conflicts;
  private final SkippedRows skippedRows;

  EvidenceResource(
      Access access,
      StartChecks checks,
      ChunkRanges ranges,
      UndoConflicts conflicts,
      SkippedRows skippedRows) {
    this.access = access;
    this.checks = checks;
    this.ranges = ranges;
    this.conflicts = conflicts;
    this.skippedRows = skippedRows;
  }

  @GET
  @Path("/batches/{id}/ranges")
  @Operation(
      summary = "List the ranges of a batch",
      description =
          "Returns a page of the processed ranges, in the order of their commits. Within a lane,"
              + " each range begins where the previous one ended. A batch succeeds only when its"
              + " ranges cover the whole work without gaps or overlaps. A plain task has none.")
  @APIResponse(responseCode = "200", description = "A page of ranges")
  public RangePage listRanges(@PathParam("id") long id, @BeanParam EvidenceParameters parameters) {
    var query = new ListQuery(BatchBodies.path(id) + "/ranges");
    long after = query.after(parameters.after);
    int limit = query.limit(parameters.limit);
    query.check();
    BatchView batch = access.batch(id);
    Page<ChunkRange> page = ranges.list(id, after, limit);
    OptionalLong residual = after == 0 ? checks.residual(batch) : OptionalLong.empty();
    return new RangePage(
        page.items().stream().map(RangeBody::of).toList(),
        query.nextAfter(page),
        residual.isPresent() ? Long.valueOf(residual.getAsLong()) : null);
  }

  @GET
  @Path("/batches/{id}/lanes")
  @Operation(
      summary = "List the lanes of a batch",
      description =
          "Returns the progress of each lane. There are more lanes than workers when the remainder"
              + " of a slow lane was divided. A plain task has one lane, whose cursors are its own"
              + " checkpoints.")
  @APIResponse(responseCode = "200", description = "The lanes")
  public LaneList listLanes(@PathParam("id") long id) {
    return new LaneList(ranges.lanes(access.batch(id).id()).stream().map(LaneBody::of).toList());
  }

  @GET
  @Path("/batches/{id}/conflicts")
  @Produces({MediaType.APPLICATION_JSON, CSV})
  @Operation(
      summary = "List the conflicts of an undo",
      description =
          "Returns a page of the rows that the undo did not restore, in the order of their"
              + " detection; empty for other batches. CSV has a header line, and the path of the"
              + " next page is in the header Link.")
  @APIResponse(
      responseCode = "200",
      description = "A page of conflicts",
      headers =
          @Header(
              name = "Link",
              description = "With text/csv, the path of the next page, as rel=\"next\" (RFC 8288)"),
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = ConflictPage.class)),
        @Content(
            mediaType = CSV,
            schema = @Schema(type = SchemaType.STRING),
            example = "key.id,reason,detail\n7,changed,\n")
      })
  public Response listConflicts(
      @Parameter(description = "The undo's id", example = "43") @PathParam("id") long id,
      @BeanParam EvidenceParameters parameters,
      @Context HttpHeaders headers) {
    var query = new ListQuery(BatchBodies.path(id) + "/conflicts");
    long after = query.after(parameters.after);
    int limit = query.limit(parameters.limit);
    query.check();
    BatchView undo = access.batch(id);
    Page<Conflict> page = conflicts.list(undo.id(), after, limit);
    List<ConflictBody> items = page.items().stream().map(ConflictBody::of).toList();
    String next = query.nextAfter(page);
    return wantsCsv(headers)
        ? csv(
            items.stream().map(it -> Line.of(it.key(), it.reason(), it.detail())).toList(),
            CONFLICT_COLUMNS,
            next)
        : Response.ok(new ConflictPage(items, next), MediaType.APPLICATION_JSON_TYPE).build();
  }

  @GET
  @Path("/batches/{id}/skipped")
  @Produces({MediaType.APPLICATION_JSON, CSV})
  @Operation(
      summary = "List the rows that a batch skipped",
      description =
          "Returns a page of the rows that rejected their change, and were noted and passed over,"
              + " in the order of their notes, and those that are not as a file expects, with error"
              + " code 0; empty for a batch with neither onError: skip nor expect. CSV has a"
              + " header line, and the path of the next page is in the header Link.")
  @APIResponse(
      responseCode = "200",
      description = "A page of skipped rows",
      headers =
          @Header(
              name = "Link",
              description = "With text/csv, the path of the next page, as rel=\"next\" (RFC 8288)"),
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = SkippedPage.class)),
        @Content(
            mediaType = CSV,
            schema = @Schema(type = SchemaType.STRING),
            example =
                "key.id,errorCode,sqlState,message,lane,from,to,retriedBy\n"
                    + "7,1264,22003,Out of range value for column 'price',0,,\"[\"\"1000\"\"]\",\n")
      })
  public Response listSkipped(
      @PathParam("id") long id,
      @Parameter(
              description = "Only rows with this error number of the server",
              example = "1062",
              schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
          @QueryParam("error")
          @Nullable String error,
      @BeanParam EvidenceParameters parameters,
      @Context HttpHeaders headers) {
    var query = new ListQuery(BatchBodies.path(id) + "/skipped");
    Long number = query.id("error", error);
    long after = query.after(parameters.after);
    int limit = query.limit(parameters.limit);
    query.check();
    BatchView batch = access.batch(id);
    Page<Skipped> page = skippedRows.list(batch.id(), number, after, limit);
    List<SkippedBody> items = page.items().stream().map(SkippedBody::of).toList();
    String next = query.nextAfter(page);
    return wantsCsv(headers)
        ? csv(items.stream().map(EvidenceResource::line).toList(), SKIPPED_COLUMNS, next)
        : Response.ok(new SkippedPage(items, next), MediaType.APPLICATION_JSON_TYPE).build();
  }

  private static Line line(SkippedBody row) {
    return Line.of(
        row.key(),
        String.valueOf(row.errorCode()),
        row.sqlState(),
        row.message(),
        String.valueOf(row.lane()),
        row.from(),
        row.to(),
        row.retriedBy() == null ? null : row.retriedBy().toString());
  }

  private static Response csv(List<Line> lines, List<String> columns, @Nullable String next) {
    Response.ResponseBuilder csv =
        Response.ok(KeyedCsv.of(lines, columns), CSV + "; charset=UTF-8; header=present");
    if (next != null) {
      csv.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
    }
    return csv.build();
  }

  /** Checks whether the caller prefers CSV to every media type that JSON satisfies. */
  private static boolean wantsCsv(HttpHeaders headers) {
    MediaType csv = MediaType.valueOf(CSV);
    return headers.getAcceptableMediaTypes().stream()
        .filter(it -> it.isCompatible(MediaType.APPLICATION_JSON_TYPE) || it.isCompatible(csv))
        .findFirst()
        .filter(it -> !it.isCompatible(MediaType.APPLICATION_JSON_TYPE))
        .isPresent();
  }
}
