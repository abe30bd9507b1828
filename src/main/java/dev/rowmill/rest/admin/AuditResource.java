package dev.rowmill.rest.admin;

import dev.rowmill.audit.AuditFilter;
import dev.rowmill.audit.AuditHistory;
import dev.rowmill.audit.AuditRow;
import dev.rowmill.audit.AuditVerifier;
import dev.rowmill.batch.Page;
import dev.rowmill.rest.admin.AuditPage.LineBody;
import dev.rowmill.rest.admin.AuditPage.VerdictBody;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.PageParameters;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
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

/** Lists the audit and verifies its hash chain, which detects later changes. */
@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.ADMIN)
@Tag(name = "Audit", description = "Records who did what, and with which result")
class AuditResource {

  private final AuditHistory history;
  private final AuditVerifier verifier;

  AuditResource(AuditHistory history, AuditVerifier verifier) {
    this.history = history;
    this.verifier = verifier;
  }

  @GET
  @Operation(
      summary = "List the audit",
      description =
          "Returns a page, newest first. The audit has a line for each request for a change,"
              + " including rejected ones, and for each action of the service itself.")
  @APIResponse(responseCode = "200", description = "A page of the audit")
  public AuditPage listAudit(
      @Parameter(description = "Only lines of this project") @QueryParam("project")
          @Nullable String project,
      @Parameter(
              description = "Only lines of this batch",
              schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
          @QueryParam("batch")
          @Nullable String batch,
      @Parameter(description = "Only requests with this token") @QueryParam("actor")
          @Nullable String actor,
      @Parameter(description = "Only lines of this operation", example = "startBatch")
          @QueryParam("operation")
          @Nullable String operation,
      @BeanParam PageParameters parameters) {
    var query = new ListQuery("/api/v1/audit");
    var filter =
        new AuditFilter(
            query.projectFilter(project),
            query.id("batch", batch),
            query.text("actor", actor),
            query.text("operation", operation));
    Long before = query.before(parameters.before);
    int limit = query.limit(parameters.limit);
    query.check();
    Page<AuditRow> page = history.list(filter, before, limit);
    return new AuditPage(page.items().stream().map(LineBody::of).toList(), query.next(page));
  }

  @GET
  @Path("/verify")
  @Operation(
      summary = "Verify the audit",
      description =
          "Verifies the hash chain from the first line to the newest, and names the first invalid"
              + " line. Takes about a second for each hundred thousand lines, and does not block"
              + " other requests. Store the head elsewhere: only a comparison with an older head"
              + " reveals that the newest lines were removed.")
  @APIResponse(responseCode = "200", description = "Result of the verification, valid or not")
  public VerdictBody verifyAudit() {
    return VerdictBody.of(verifier.verify());
  }
}
