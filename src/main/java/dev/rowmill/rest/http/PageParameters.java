package dev.rowmill.rest.http;

import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Holds the unparsed query parameters of a list that begins with the newest item. */
public class PageParameters extends LimitParameter {

  @Parameter(
      description = "Only items older than the one with this id; taken from the path in next",
      schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
  @QueryParam("before")
  public @Nullable String before;

  @Parameter(description = "Language of the errors' texts: en or zh")
  @HeaderParam("Accept-Language")
  public @Nullable String language;
}
