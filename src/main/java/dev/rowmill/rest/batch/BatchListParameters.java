package dev.rowmill.rest.batch;

import dev.rowmill.rest.http.PageParameters;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Holds the unparsed query parameters of a list of batches. */
class BatchListParameters extends PageParameters {

  @Parameter(
      description = "Only batches with this status",
      schema =
          @Schema(
              type = SchemaType.STRING,
              enumeration = {
                "waiting",
                "queued",
                "running",
                "paused",
                "succeeded",
                "failed",
                "cancelled"
              }))
  @QueryParam("status")
  @Nullable String status;

  @Parameter(
      description = "Only batches with this mode",
      schema =
          @Schema(
              type = SchemaType.STRING,
              enumeration = {"parallel", "serial"}))
  @QueryParam("mode")
  @Nullable String mode;
}
