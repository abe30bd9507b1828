package dev.rowmill.rest.admin;

import dev.rowmill.batch.Page;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.PageParameters;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.AccessToken;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import dev.rowmill.security.Tokens;
import dev.rowmill.task.Refusal;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Creates, lists and revokes tokens. */
@Path("/api/v1/tokens")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.ADMIN)
@Tag(name = "Tokens", description = "Manages tokens, which identify callers and their permissions")
public class TokenResource {

  /** Represents a page of tokens. */
  @Schema(name = "TokenPage", description = "A page of tokens, newest first")
  public record TokenPage(
      @Schema(description = "Tokens of this page, including expired and revoked ones")
          List<TokenBody> items,
      @Schema(
              description = "Path of the next page; null on the last",
              examples = "/api/v1/tokens?before=42")
          @Nullable String next) {}

  /** Represents a token that was just created, with its secret. */
  @RegisterForReflection
  @Schema(name = "CreatedToken", description = "A token with its secret, which is shown only once")
  public record NewToken(
      @Schema(
              description =
                  "Secret for the header Authorization: Bearer. It can't be retrieved later",
              examples = "rwm_…")
          String token,
      @Schema(description = "Other properties of the token") TokenBody details) {}

  private final Tokens tokens;
  private final Callers callers;
  private final Clock clock;

  TokenResource(Tokens tokens, Callers callers, Clock clock) {
    this.tokens = tokens;
    this.callers = callers;
    this.clock = clock;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Create a token",
      description =
          "Creates a token. Its secret is shown only once, and only a hash is stored. Admins see"
              + " all projects, so the projects of an admin's token must include * or be left out.")
  @APIResponseSchema(
      value = NewToken.class,
      responseCode = "201",
      responseDescription = "The token")
  public Response makeToken(
      @RequestBody(
              description = "Name and permissions of the token",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/TokenRequest"),
                      examples =
                          @ExampleObject(
                              name = "operator",
                              summary = "For a shop's nightly job",
                              value =
                                  """
                                  {"name": "nightly", "role": "operator", "projects": ["shop-*"],
                                   "expiresInDays": 90}""")))
          InputStream body) {
    TokenRequestBody.Wanted wanted = TokenRequestBody.read(RequestBytes.of(body), clock.instant());
    Tokens.Made made =
        tokens
            .make(
                wanted.name(),
                wanted.role(),
                wanted.projects(),
                callers.current().name(),
                wanted.expiresAt())
            .orElseThrow(
                () -> new Refusal(ProblemType.NAME_TAKEN.code(), Map.of("name", wanted.name())));
    return Response.status(Response.Status.CREATED)
        .entity(new NewToken(made.secret(), TokenBody.of(made.token())))
        .build();
  }

  @GET
  @Operation(
      summary = "List tokens",
      description =
          "Returns a page of tokens, newest first, without their secrets, which are not stored.")
  @APIResponse(responseCode = "200", description = "A page of tokens")
  public TokenPage listTokens(@BeanParam PageParameters parameters) {
    var query = new ListQuery("/api/v1/tokens");
    Long before = query.before(parameters.before);
    int limit = query.limit(parameters.limit);
    query.check();
    Page<AccessToken> page = Page.of(tokens.list(before, limit + 1), limit, AccessToken::id);
    return new TokenPage(page.items().stream().map(TokenBody::of).toList(), query.next(page));
  }

  @DELETE
  @Path("/{id}")
  @Operation(
      summary = "Revoke a token",
      description =
          "The token is rejected within a second on every node, and its sessions and open event"
              + " streams end. The last admin token can't be revoked.")
  @APIResponse(responseCode = "204", description = "The token is revoked")
  public void revokeToken(
      @Parameter(description = "The token's id", example = "3") @PathParam("id") long id) {
    switch (tokens.revoke(id)) {
      case UNKNOWN -> throw new NotFoundException();
      case LAST_ADMIN -> throw new Refusal(ProblemType.LAST_ADMIN.code(), Map.of());
      case DONE -> {}
    }
  }
}
