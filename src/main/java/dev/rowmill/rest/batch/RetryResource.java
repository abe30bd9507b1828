package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.BatchRetry;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
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

/** Retries failed and cancelled batches. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Control")
class RetryResource {

  private final BatchRetry retry;
  private final Access access;
  private final StartResponses responses;
  private final StartResolver resolver;

  RetryResource(BatchRetry retry, Access access, StartResponses responses, StartResolver resolver) {
    this.retry = retry;
    this.access = access;
    this.responses = responses;
    this.resolver = resolver;
  }

  @POST
  @Path("/batches/{id}/retry")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Retry a failed or cancelled batch",
      description =
          "The batch continues under its own id from the checkpoints of its lanes, so no finished"
              + " chunk runs again. Members of the body change its settings; a retry without a body"
              + " changes none.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is queued again",
      headers =
          @Header(
              name = "Location",
              description = "Path of the batch",
              schema = @Schema(type = SchemaType.STRING)),
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the batch ended again within that time")
  public Uni<Response> retryBatch(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(
              description = "wait=N (RFC 7240), as for a start",
              example = "wait=10",
              schema = @Schema(type = SchemaType.STRING))
          @HeaderParam("Prefer")
          List<String> preferences,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "Settings to change, and secret values; may be left out",
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/RetryRequest"),
                      examples =
                          @ExampleObject(
                              name = "gentler",
                              summary = "Smaller chunks and one lane",
                              value = "{\"chunk\": {\"targetMillis\": 20}, \"lanes\": 1}")))
          @Nullable InputStream body) {
    BatchView batch = access.batch(id);
    RetryBody read = RetryBody.read(JsonBody.ofOptional(body));
    return responses.startAndRespond(
        () -> retry.retry(resolver.retry(batch, read)), preferences, language);
  }
}
