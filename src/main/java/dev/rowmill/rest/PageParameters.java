package dev.rowmill.rest;

import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** What every list takes, as it came. */
class PageParameters {

  @Parameter(
      description = "How many, 1 to 500; 50 when left out",
      schema =
          @Schema(type = SchemaType.INTEGER, minimum = "1", maximum = "500", defaultValue = "50"))
  @QueryParam("limit")
  @Nullable String limit;

  @Parameter(
      description = "Only what is older than the batch with this id; the path in next carries it",
      schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
  @QueryParam("before")
  @Nullable String before;

  @Parameter(description = "Language of the errors' texts: en or zh")
  @HeaderParam("Accept-Language")
  @Nullable String language;
}
