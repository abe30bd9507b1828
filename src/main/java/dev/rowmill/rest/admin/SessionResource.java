package dev.rowmill.rest.admin;

import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.DenialResponses;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.security.AuthConfig;
import dev.rowmill.security.AuthMode;
import dev.rowmill.security.Caller;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.security.SessionCookie;
import dev.rowmill.security.Sessions;
import dev.rowmill.security.Sessions.SignIn;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Signs browsers in and out, and returns a caller's identity. */
@Path("/api/v1/session")
@Produces(MediaType.APPLICATION_JSON)
@Tag(
    name = "Session",
    description = "Signs browsers in and out, and returns the identity of a caller")
public class SessionResource {

  /** Represents a caller's identity and permissions. */
  @RegisterForReflection
  @Schema(name = "Session", description = "Identity and permissions of the caller")
  public record SessionBody(
      @Schema(
              description = "token: each request needs a token; open: anyone may do everything",
              enumeration = {"open", "token"})
          String auth,
      @Schema(description = "Name of the token; null when the service runs open")
          @Nullable String name,
      @Schema(
              description =
                  "Role of the caller; each role includes the permissions of the previous ones",
              enumeration = {"viewer", "agent", "operator", "author", "admin"})
          String role,
      @Schema(description = "Patterns of the projects that the caller sees") List<String> projects,
      @Schema(
              description =
                  "Value of the header X-CSRF-Token, which requests for changes need; null without"
                      + " a session")
          @Nullable String csrfToken,
      @Schema(description = "Time at which the session or the token expires; null for never")
          @Nullable Instant expiresAt) {}

  /** Represents the credentials of a sign-in. */
  @RegisterForReflection
  public record SignInBody(
      @Schema(description = "A token") @NotNull(message = "blank") @Size(min = 1) @Unaudited
          @Nullable String token) {}

  private static final int LONGEST_TOKEN = 1000;

  private final Callers callers;
  private final Sessions sessions;
  private final DenialResponses denials;
  private final boolean open;
  private final Clock clock;

  SessionResource(
      Callers callers, Sessions sessions, DenialResponses denials, AuthConfig config, Clock clock) {
    this.callers = callers;
    this.sessions = sessions;
    this.denials = denials;
    this.open = config.mode().filter(AuthMode.OPEN::equals).isPresent();
    this.clock = clock;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @PermitAll
  @Operation(
      summary = "Sign in",
      description =
          "Gives a browser a session in a cookie that its pages can't read. The session lasts for"
              + " twelve hours, but not longer than the token. When the service runs open, no"
              + " sign-in is necessary, and the response is the same as that of getSession.")
  @APIResponse(
      responseCode = "200",
      description = "Signed in",
      headers =
          @Header(
              name = "Set-Cookie",
              description = "Cookie of the session",
              schema = @Schema(type = SchemaType.STRING)),
      content = @Content(schema = @Schema(implementation = SessionBody.class)))
  public Response signIn(
      @RequestBody(
              description = "Token to sign in with",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/SignIn"),
                      examples =
                          @ExampleObject(
                              name = "token",
                              summary = "Sign in with a token",
                              value = "{\"token\": \"rwm_…\"}")))
          InputStream body,
      @Context HttpServerRequest http) {
    JsonBody read = JsonBody.of(RequestBytes.of(body));
    String token = BodyReader.read(read, SignInBody.class).token;
    if (token != null && token.length() > LONGEST_TOKEN) {
      read.violation("token", Reason.of("too-long", "max", String.valueOf(LONGEST_TOKEN)));
    }
    read.check();
    if (open) {
      return Response.ok(currentSession()).build();
    }
    Sessions.Outcome outcome = sessions.begin(String.valueOf(token), http);
    SignIn signIn = outcome.signIn();
    if (outcome.denial() != null) {
      return denials.of(outcome.denial(), http).response();
    } else if (signIn == null) {
      throw new IllegalStateException("a sign-in that was neither granted nor denied");
    }
    long seconds = Duration.between(clock.instant(), signIn.expiresAt()).toSeconds();
    return Response.ok(
            new SessionBody(
                "token",
                signIn.name(),
                signIn.role().code(),
                signIn.projects().patterns(),
                signIn.csrfToken(),
                signIn.expiresAt()))
        .header(
            HttpHeaders.SET_COOKIE, SessionCookie.header(signIn.id(), Math.max(1, seconds), http))
        .build();
  }

  @GET
  @RolesAllowed(Role.Names.VIEWER)
  @Operation(
      summary = "Show the caller's identity",
      description =
          "Returns the identity of the caller, which comes from a token, a session, or the open"
              + " mode.")
  @APIResponse(responseCode = "200", description = "Identity of the caller")
  public SessionBody getSession() {
    return currentSession();
  }

  @DELETE
  @RolesAllowed(Role.Names.VIEWER)
  @Operation(
      summary = "Sign out",
      description = "Ends the session of the request's cookie. Tokens remain valid.")
  @APIResponse(responseCode = "204", description = "The session has ended")
  public Response signOut(@Context HttpServerRequest http) {
    sessions.end(http);
    return Response.noContent()
        .header(HttpHeaders.SET_COOKIE, SessionCookie.header("", 0, http))
        .build();
  }

  private SessionBody currentSession() {
    Caller caller = callers.current();
    Role role = caller.role();
    return new SessionBody(
        open ? "open" : "token",
        caller.name(),
        role == null ? "" : role.code(),
        caller.projects().patterns(),
        callers.csrfToken().orElse(null),
        callers.expires().orElse(null));
  }
}
