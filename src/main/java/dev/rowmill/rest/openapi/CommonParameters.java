package dev.rowmill.rest.openapi;

import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/**
 * Describes the parameters and headers that many operations have, where an operation does not
 * describe them itself. Stateless.
 */
final class CommonParameters {

  private CommonParameters() {}

  /** Describes a parameter of an operation. */
  static void describe(String path, Parameter parameter) {
    if (parameter.getDescription() != null) {
      return;
    }
    switch (parameter.getName()) {
      case "Accept-Language" -> parameter.description("Language of problem texts: en or zh");
      case "Prefer" ->
          parameter
              .description("wait=N (RFC 7240), as for a start")
              .example("wait=10")
              .schema(text());
      case "Idempotency-Key" -> parameter.description("Same as for a start").schema(text());
      case "id" -> {
        if (path.startsWith("/api/v1/batches/")) {
          parameter.description("The batch's id").example(42);
        } else if (path.startsWith("/api/v1/chains/")) {
          parameter.description("The chain's id").example(7);
        }
      }
      case "name" -> {
        if (path.startsWith("/api/v1/schedules/") || path.startsWith("/api/v1/retention/")) {
          parameter.description("Name").example("purge-sessions");
        }
      }
      default -> {}
    }
  }

  /** Describes the headers of a response that have no schema as texts. */
  static void describe(APIResponse response) {
    if (response.getHeaders() != null) {
      response.getHeaders().values().stream()
          .filter(header -> header.getSchema() == null)
          .forEach(header -> header.schema(text()));
    }
  }

  private static Schema text() {
    return OASFactory.createSchema().addType(SchemaType.STRING);
  }
}
