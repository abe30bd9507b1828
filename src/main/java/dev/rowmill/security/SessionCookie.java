package dev.rowmill.security;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and writes the session cookie, and protects it against cross-site requests. Stateless. */
public final class SessionCookie {

  public static final String NAME = "rowmill_session";

  /** Holds the name of the header with the CSRF token, which each changing request must send. */
  public static final String CSRF_HEADER = "X-CSRF-Token";

  private static final Set<HttpMethod> HARMLESS =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private SessionCookie() {}

  /**
   * Returns the {@code Set-Cookie} value that sets the session cookie.
   *
   * @param seconds lifetime of the cookie; 0 deletes it
   */
  public static String header(String session, long seconds, HttpServerRequest request) {
    // Built by hand, because not every cookie class supports SameSite.
    return NAME
        + "="
        + session
        + "; Path=/; Max-Age="
        + seconds
        + "; HttpOnly; SameSite=Strict"
        // Behind a trusted proxy, the scheme is the one that the proxy reports.
        + ("https".equalsIgnoreCase(request.scheme()) ? "; Secure" : "");
  }

  /** Returns the session id of a request; empty if there is none, several, or a malformed one. */
  public static Optional<String> of(HttpServerRequest request) {
    Set<Cookie> cookies = request.cookies(NAME);
    return cookies.size() == 1
        ? cookies.stream().map(Cookie::getValue).filter(TokenSecrets::isSession).findFirst()
        : Optional.empty();
  }

  /**
   * Checks whether a request with a session cookie only reads, or proves its origin by the CSRF
   * token.
   */
  static boolean provesOrigin(HttpServerRequest request, String session) {
    String proof = request.getHeader(CSRF_HEADER);
    return HARMLESS.contains(request.method())
        || (proof != null && TokenSecrets.equal(proof, TokenSecrets.csrfToken(session)));
  }

  /**
   * Checks whether a browser marks a changing request as sent by another site's page. In mode
   * {@code open}, this check is the only protection against such pages.
   */
  static boolean isCrossSite(HttpServerRequest request) {
    if (HARMLESS.contains(request.method())) {
      return false;
    }
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    String origin = request.getHeader("Origin");
    return origin != null && !authority(origin).equalsIgnoreCase(request.getHeader("Host"));
  }

  private static String authority(String origin) {
    try {
      @Nullable String authority = URI.create(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
