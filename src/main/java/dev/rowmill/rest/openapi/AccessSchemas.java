package dev.rowmill.rest.openapi;

import dev.rowmill.rest.admin.TokenBody;
import dev.rowmill.security.Role;
import dev.rowmill.security.SessionCookie;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Describes authentication for the OpenAPI document. Stateless. */
final class AccessSchemas {

  private AccessSchemas() {}

  static void addTo(OpenAPI document) {
    document
        .getComponents()
        .addSchema("SignIn", signIn())
        .addSchema("TokenRequest", tokenRequest())
        .addSecurityScheme(
            "token",
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description("A token from POST /api/v1/tokens, or that of the first admin"))
        .addSecurityScheme(
            "session",
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.APIKEY)
                .in(SecurityScheme.In.COOKIE)
                .name(SessionCookie.NAME)
                .description(
                    "The cookie of a browser that has signed in. Requests for changes also need the"
                        + " header "
                        + SessionCookie.CSRF_HEADER));
    document.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme("token"));
    document.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme("session"));
  }

  static Header challenge() {
    return OASFactory.createHeader()
        .description("Bearer; with error=\"invalid_token\" after an invalid token (RFC 6750)")
        .schema(ApiDocument.type(SchemaType.STRING, "The challenge"));
  }

  private static Schema signIn() {
    return ApiDocument.type(SchemaType.OBJECT, "Credentials of a sign-in")
        .addProperty("token", ApiDocument.type(SchemaType.STRING, "A token").minLength(1))
        .required(List.of("token"))
        .additionalPropertiesBoolean(false);
  }

  private static Schema tokenRequest() {
    return ApiDocument.type(SchemaType.OBJECT, "Name, permissions and expiry of a token")
        .addProperty(
            "name",
            ApiDocument.type(
                    SchemaType.STRING,
                    "1 to 64 of A-Z a-z 0-9 . _ @ -; no other active token may have it")
                .minLength(1)
                .maxLength(64))
        .addProperty(
            "role",
            ApiDocument.type(
                    SchemaType.STRING,
                    "viewer reads; operator also starts tasks and controls batches; author also"
                        + " starts SQL of their own; admin also manages tokens")
                .enumeration(
                    Arrays.stream(Role.values()).map(role -> (Object) role.code()).toList()))
        .addProperty(
            "projects",
            ApiDocument.type(
                    SchemaType.ARRAY,
                    "Patterns of the projects that its caller sees, in which * matches any"
                        + " characters; all by default, and for admins")
                .items(ApiDocument.type(SchemaType.STRING, "A pattern").maxLength(64))
                .maxItems(TokenBody.MOST_PATTERNS))
        .addProperty(
            "expiresAt",
            ApiDocument.type(SchemaType.STRING, "Time at which it expires; never by default")
                .format("date-time"))
        .addProperty(
            "expiresInDays",
            ApiDocument.type(SchemaType.INTEGER, "Days until it expires, instead of expiresAt")
                .minimum(BigDecimal.ONE)
                .maximum(BigDecimal.valueOf(TokenBody.MOST_DAYS)))
        .required(List.of("name", "role"))
        .additionalPropertiesBoolean(false);
  }
}
