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

/** Determines the caller of a request. Thread-safe. */
@ApplicationScoped
public class Callers {

  private final CurrentVertxRequest requests;
  private final CredentialWatch credentialWatch;

  Callers(CurrentVertxRequest requests, CredentialWatch credentialWatch) {
    this.requests = requests;
    this.credentialWatch = credentialWatch;
  }

  /**
   * Returns the caller of the current request, in a resource or in a filter of its response. Must
   * be called on the request's own thread; elsewhere it returns an unauthenticated caller.
   */
  public Caller current() {
    RoutingContext request = request();
    return request == null ? Caller.nobody(null) : of(request);
  }

  /** Returns the caller of a request, or an unauthenticated caller before authentication. */
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

  /**
   * Returns the time at which the caller's credential expires. Empty if it never expires, or if the
   * service runs in mode {@code open}.
   */
  public Optional<Instant> expires() {
    Grant grant = attribute(Grant.ATTRIBUTE);
    return grant == null ? Optional.empty() : Optional.ofNullable(grant.expiresAt());
  }

  /**
   * Returns the CSRF token that a page of the caller's session must send; empty without a session.
   */
  public Optional<String> csrfToken() {
    Credential credential = attribute(Credential.ATTRIBUTE);
    RoutingContext request = request();
    return request == null || credential == null || credential.kind() != Credential.Kind.SESSION
        ? Optional.empty()
        : SessionCookie.of(request.request()).map(TokenSecrets::csrfToken);
  }

  /**
   * Starts a watch that detects, within a second, that the caller's credential was revoked or has
   * expired. Meant for event streams. Reading the watch never blocks.
   */
  public CredentialWatch.Watch watch() {
    return credentialWatch.watch(attribute(Credential.ATTRIBUTE));
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

  /**
   * Returns the address of the peer, or the client address that a trusted proxy reports. Empty if
   * unknown.
   */
  static String address(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    if (remote == null) {
      return "";
    }
    String literal = remote.hostAddress();
    return literal != null ? literal : remote.host() != null ? remote.host() : "";
  }
}
