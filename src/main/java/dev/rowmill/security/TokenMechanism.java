package dev.rowmill.security;

import dev.rowmill.security.Denial.Cause;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Authenticates callers by their token ({@code Authorization: Bearer}) or else by their session
 * cookie. Rejects a request with an invalid token on any path except the login. Ignores an invalid
 * cookie, because browsers attach it to every request. In mode {@code open}, requires neither and
 * only rejects changing cross-site requests. Thread-safe; never blocks.
 */
@ApplicationScoped
class TokenMechanism implements HttpAuthenticationMechanism {

  private static final String AUTHORIZATION = "Authorization";
  private static final String SCHEME = "bearer ";

  /** Holds the path of the login, where other credentials of the request are ignored. */
  private static final String SIGN_IN = "/api/v1/session";

  private static final SecurityIdentity ANYONE =
      QuarkusSecurityIdentity.builder()
          .setPrincipal(new QuarkusPrincipal("anyone"))
          .addRoles(Role.ADMIN.codes())
          .build();

  private final Optional<AuthMode> mode;
  private final LoginThrottle attempts;
  private final Denial.Writer writer;

  TokenMechanism(AuthConfig config, LoginThrottle attempts, Denial.Writer writer) {
    this.mode = config.mode();
    this.attempts = attempts;
    this.writer = writer;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identities) {
    HttpServerRequest request = context.request();
    if (mode.filter(AuthMode.OPEN::equals).isPresent()) {
      return SessionCookie.isCrossSite(request)
          ? denied(context, Denial.of(Cause.CROSS_SITE))
          : Uni.createFrom().item(ANYONE);
    }
    if (request.method().equals(HttpMethod.POST) && context.normalizedPath().equals(SIGN_IN)) {
      return Uni.createFrom().nullItem();
    }
    List<String> headers = request.headers().getAll(AUTHORIZATION);
    return headers.isEmpty()
        ? bySession(context, identities)
        : byToken(context, headers, identities);
  }

  private Uni<SecurityIdentity> byToken(
      RoutingContext context, List<String> headers, IdentityProviderManager identities) {
    String address = Callers.address(context.request());
    Duration refused = attempts.refused(address);
    if (!refused.isZero()) {
      return denied(context, new Denial(Cause.TOO_MANY_ATTEMPTS, refused));
    }
    Optional<String> token = token(headers);
    if (token.isEmpty()) {
      attempts.wrong(address);
      return denied(context, Denial.of(Cause.BAD_TOKEN));
    }
    return identities
        .authenticate(Credential.token(token.get()))
        .onFailure(AuthenticationFailedException.class)
        .invoke(
            () -> {
              attempts.wrong(address);
              Denial.of(Cause.BAD_TOKEN).note(context);
            });
  }

  private static Uni<SecurityIdentity> bySession(
      RoutingContext context, IdentityProviderManager identities) {
    Optional<String> session = SessionCookie.of(context.request());
    if (session.isEmpty()) {
      return Uni.createFrom().nullItem();
    }
    return identities
        .authenticate(Credential.session(session.get()))
        .onFailure(AuthenticationFailedException.class)
        .recoverWithNull()
        .chain(
            identity ->
                identity == null || SessionCookie.provesOrigin(context.request(), session.get())
                    ? Uni.createFrom().item(identity)
                    : denied(context, Denial.of(Cause.CROSS_SITE)));
  }

  /** Returns the token of a request; empty if it is malformed or there are several. */
  private static Optional<String> token(List<String> headers) {
    String header = headers.get(0);
    if (headers.size() > 1 || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return Optional.empty();
    }
    return Optional.of(header.substring(SCHEME.length()).strip()).filter(TokenSecrets::isToken);
  }

  private static Uni<SecurityIdentity> denied(RoutingContext context, Denial denial) {
    denial.note(context);
    return Uni.createFrom().failure(new AuthenticationFailedException());
  }

  @Override
  public Uni<Boolean> sendChallenge(RoutingContext context) {
    writer.send(context, Denial.noted(context));
    return Uni.createFrom().item(true);
  }

  /** Returns a fixed challenge that is never sent, see {@link #sendChallenge}. */
  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext context) {
    return Uni.createFrom().item(new ChallengeData(401));
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of(Credential.class);
  }
}
