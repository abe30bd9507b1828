package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.ContextNotActiveException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells who a request comes from. Safe for many threads. */
@ApplicationScoped
public class Callers {

  private final CurrentVertxRequest requests;
  private final CredentialWatch standing;

  Callers(CurrentVertxRequest requests, CredentialWatch standing) {
    this.requests = requests;
    this.standing = standing;
  }

  /**
   * Who the request in hand comes from: in a resource, and in the filters of its answer. To be
   * asked on the request's own thread; elsewhere the answer is nobody.
   */
  public Caller current() {
    RoutingContext request = request();
    return request == null ? Caller.nobody(null) : of(request);
  }

  /** Who a request comes from; nobody until it is known. */
  public Caller of(RoutingContext request) {
    String address = address(request.request());
    SecurityIdentity identity = identity(request);
    if (identity == null || identity.isAnonymous()) {
      return Caller.nobody(address);
    }
    Grant grant = identity.getAttribute(Grant.ATTRIBUTE);
    return grant == null
        ? new Caller(null, Role.ADMIN, ProjectPatterns.ALL, address)
        : new Caller(grant.name(), grant.role(), grant.projects(), address);
  }

  /** Until when what the caller showed is good; empty for ever, and where the service runs open. */
  public Optional<Instant> expires() {
    Grant grant = attribute(Grant.ATTRIBUTE);
    return grant == null ? Optional.empty() : Optional.ofNullable(grant.expiresAt());
  }

  /** The proof that a page of the caller's session has to send along; empty without a session. */
  public Optional<String> csrfToken() {
    Credential credential = attribute(Credential.ATTRIBUTE);
    RoutingContext request = request();
    return request == null || credential == null || credential.kind() != Credential.Kind.SESSION
        ? Optional.empty()
        : SessionCookie.of(request.request()).map(TokenSecrets::csrfToken);
  }

  /**
   * Says from then on whether what the caller showed has been taken back or is over, a second late
   * at most; for answers that go on for long. Asking never blocks.
   */
  public CredentialWatch.Watch watch() {
    return standing.watch(attribute(Credential.ATTRIBUTE));
  }

  private <T> @Nullable T attribute(String name) {
    RoutingContext request = request();
    SecurityIdentity identity = request == null ? null : identity(request);
    return identity == null ? null : identity.<T>getAttribute(name);
  }

  private @Nullable RoutingContext request() {
    try {
      return requests.getCurrent();
    } catch (ContextNotActiveException e) {
      return null;
    }
  }

  private static @Nullable SecurityIdentity identity(RoutingContext request) {
    return request.user() instanceof QuarkusHttpUser user ? user.getSecurityIdentity() : null;
  }

  /** The peer's, or what a trusted proxy says that it is; empty where it is not known. */
  static String address(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    if (remote == null) {
      return "";
    }
    String literal = remote.hostAddress();
    return literal != null ? literal : remote.host() != null ? remote.host() : "";
  }
}
