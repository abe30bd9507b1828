package dev.rowmill.rest.batch;

import dev.rowmill.rest.http.LimitParameter;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Holds the unparsed query parameters of the lists that belong to one batch. */
class EvidenceParameters extends LimitParameter {

  @Parameter(
      description = "Number after which the page begins; taken from the path in next",
      schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
  @QueryParam("after")
  @Nullable String after;
}
