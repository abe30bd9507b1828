package dev.rowmill.rest.admin;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.httptask.LeaseDesk;
import dev.rowmill.rest.http.AuditedBatch;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.RequestAudit;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.security.Caller;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Gives the chunks of HTTP tasks without an address to workers. */
@Path("/api/v1/tasks")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.OPERATOR)
@Tag(name = "Tasks", description = "Manages tasks, which callers start by name")
public class LeaseResource {

  private static final Duration BETWEEN = Duration.ofMillis(200);

  private static final int LEASE_LENGTH = 64;

  /** Represents a leased chunk. */
  @RegisterForReflection
  @Schema(name = "Lease", description = "A chunk that is leased to a worker")
  public record LeaseBody(
      @Schema(description = "Name of the lease", examples = "0b8f1d2e-5a53-4f0e-9a55-0d8b7c1f6a11")
          String lease,
      @Schema(description = "Time at which the chunk is offered again") Instant expiresAt,
      @Schema(
              description = "The request, as it is sent to a service",
              implementation = Object.class)
          @JsonRawValue
          String request,
      @JsonIgnore String project,
      @JsonIgnore long id)
      implements AuditedBatch {

    @Override
    @JsonIgnore
    public @Nullable String sql() {
      return null;
    }
  }

  /** Represents an extended lease. */
  @RegisterForReflection
  @Schema(name = "ExtendedLease", description = "A lease that was extended")
  public record ExtendedBody(
      @Schema(description = "Name of the lease", examples = "0b8f1d2e-5a53-4f0e-9a55-0d8b7c1f6a11")
          String lease,
      @Schema(description = "Time at which the chunk is offered again") Instant expiresAt) {}

  /** Represents the body that names a lease. */
  @RegisterForReflection
  public record ExtendBody(
      @Schema(description = "Name of the lease")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = LEASE_LENGTH)
          @Unaudited
          @Nullable String lease) {}

  /** Represents the body that completes a lease. */
  @RegisterForReflection
  public record CompleteBody(
      @Schema(description = "Name of the lease")
          @NotNull(message = "missing-value")
          @Size(min = 1, max = LEASE_LENGTH)
          @Unaudited
          @Nullable String lease,
      @Schema(
              description =
                  "The answer, as a service responds it; without it, all rows stay as they are")
          @Unaudited
          @Nullable ObjectNode answer) {}

  private final LeaseDesk desk;
  private final Callers callers;
  private final RequestAudit audit;

  LeaseResource(LeaseDesk desk, Callers callers, RequestAudit audit) {
    this.desk = desk;
    this.callers = callers;
    this.audit = audit;
  }

  @POST
  @Path("/{name}/lease")
  @Unaudited(status = 204)
  @Blocking
  @Operation(
      summary = "Lease a chunk",
      description =
          "Leases the next chunk of a task without an address, of a project that the caller sees."
              + " It is offered again when the lease expires.")
  @APIResponse(responseCode = "204", description = "There is no chunk")
  @APIResponseSchema(
      value = LeaseBody.class,
      responseCode = "200",
      responseDescription = "The chunk")
  public Uni<Response> leaseChunk(
      @Parameter(description = "Name", example = "geocode") @PathParam("name") String name,
      @Parameter(
              description = "Seconds to wait for a chunk, at most 60",
              schema = @Schema(type = SchemaType.INTEGER, minimum = "0", maximum = "60"))
          @QueryParam("wait")
          @Nullable String wait) {
    Duration atMost = wait == null ? Duration.ZERO : ListQuery.seconds("wait", wait);
    return lease(name, callers.current(), System.nanoTime() + atMost.toNanos());
  }

  /** Tries to lease, again and again, without holding a thread in between. */
  private Uni<Response> lease(String name, Caller caller, long until) {
    Optional<LeaseDesk.Lease> lease = desk.lease(name, caller::sees);
    if (lease.isPresent()) {
      LeaseDesk.Lease leased = lease.get();
      return Uni.createFrom()
          .item(
              Response.ok(
                      new LeaseBody(
                          leased.lease(),
                          leased.expiresAt(),
                          leased.request(),
                          leased.project(),
                          leased.batch()))
                  .build());
    }
    if (System.nanoTime() - until >= 0) {
      return Uni.createFrom().item(Response.noContent().build());
    }
    return Uni.createFrom()
        .voidItem()
        .onItem()
        .delayIt()
        .by(BETWEEN)
        .emitOn(Infrastructure.getDefaultExecutor())
        .chain(() -> lease(name, caller, until));
  }

  @POST
  @Path("/{name}/complete")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Complete a leased chunk",
      description =
          "Stores the answer, which is checked and written when the chunk's turn comes. The request"
              + " may be repeated for ten minutes, without a further effect.")
  @APIResponse(responseCode = "204", description = "The answer is stored")
  public void completeChunk(
      @Parameter(description = "Name", example = "geocode") @PathParam("name") String name,
      @RequestBody(
              description = "The lease and the answer",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/CompleteRequest"),
                      examples =
                          @ExampleObject(
                              name = "update",
                              summary = "Set a column of one row",
                              value =
                                  """
                                  {"lease": "0b8f1d2e-5a53-4f0e-9a55-0d8b7c1f6a11",
                                   "answer": {"update": [{"key": {"id": 7}, "set": {"geo": "52.5,13.4"}}]}}""")))
          InputStream body) {
    CompleteBody read = read(body, CompleteBody.class);
    LeaseDesk.Completion completed =
        desk.complete(
            name,
            callers.current()::sees,
            String.valueOf(read.lease),
            read.answer == null ? null : read.answer.toString());
    audit.isOf(completed.project(), completed.batch());
  }

  @POST
  @Path("/{name}/extend")
  @Unaudited
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Extend a lease",
      description = "Extends a lease by the task's whole time from now on.")
  @APIResponse(responseCode = "200", description = "The lease")
  public ExtendedBody extendLease(
      @Parameter(description = "Name", example = "geocode") @PathParam("name") String name,
      @RequestBody(
              description = "The lease",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/ExtendRequest"),
                      examples =
                          @ExampleObject(
                              name = "extend",
                              summary = "Keep a chunk for longer",
                              value = "{\"lease\": \"0b8f1d2e-5a53-4f0e-9a55-0d8b7c1f6a11\"}")))
          InputStream body) {
    String lease = String.valueOf(read(body, ExtendBody.class).lease);
    return new ExtendedBody(lease, desk.extend(name, callers.current()::sees, lease));
  }

  private static <T extends Record> T read(InputStream body, Class<T> type) {
    JsonBody json = JsonBody.of(RequestBytes.of(body));
    T read = BodyReader.read(json, type);
    json.check();
    return read;
  }
}
