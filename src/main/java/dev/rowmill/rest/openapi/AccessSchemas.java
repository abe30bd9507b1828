package dev.rowmill.rest.openapi;

import dev.rowmill.security.SessionCookie;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Describes authentication for the OpenAPI document. Stateless. */
final class AccessSchemas {

  private AccessSchemas() {}

  private static final String TOKEN = "token";
  private static final String SESSION = "session";

  static void addTo(OpenAPI document) {
    document
        .getComponents()
        .addSecurityScheme(
            TOKEN,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description("A token from POST /api/v1/tokens, or that of the first admin"))
        .addSecurityScheme(
            SESSION,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.APIKEY)
                .in(SecurityScheme.In.COOKIE)
                .name(SessionCookie.NAME)
                .description(
                    "The cookie of a browser that has signed in. Requests for changes also need the"
                        + " header "
                        + SessionCookie.CSRF_HEADER));
  }

  /**
   * Lets an operation be called with a token or in a session. The platform has noted the roles that
   * it needs, which the document names after the schemes; an operation without any is public.
   */
  static void require(Operation operation) {
    List<String> roles =
        Objects.requireNonNullElse(operation.getSecurity(), List.<SecurityRequirement>of()).stream()
            .flatMap(it -> it.getSchemes().values().stream())
            .flatMap(List::stream)
            .distinct()
            .toList();
    operation.setSecurity(
        roles.isEmpty()
            ? List.of()
            : Stream.of(TOKEN, SESSION)
                .map(it -> OASFactory.createSecurityRequirement().addScheme(it, roles))
                .toList());
  }

  static Header challenge() {
    return OASFactory.createHeader()
        .description("Bearer; with error=\"invalid_token\" after an invalid token (RFC 6750)")
        .schema(Schemas.type(SchemaType.STRING, "The challenge"));
  }
}
