package dev.rowmill.rest.batch;

import dev.rowmill.rest.http.PageParameters;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Holds the unparsed query parameters of a list of batches. */
class BatchListParameters extends PageParameters {

  @Parameter(description = "Only batches with this status")
  @QueryParam("status")
  @Nullable String status;

  @Parameter(description = "Only batches with this mode")
  @QueryParam("mode")
  @Nullable String mode;

  @Parameter(
      description = "Only batches with this label, as name:value; repeat it for several labels",
      example = "[\"ticket:OPS-7\"]")
  @QueryParam("label")
  @Nullable List<String> label;
}
