package dev.rowmill.security;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The cookie of a session, and what protects it from other sites' pages. Stateless. */
public final class SessionCookie {

  public static final String NAME = "rowmill_session";

  /** The header that a page proves with that it is ours, in whatever changes something. */
  public static final String CSRF_HEADER = "X-CSRF-Token";

  private static final Set<HttpMethod> HARMLESS =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private SessionCookie() {}

  /**
   * The header that gives a browser its session.
   *
   * @param seconds that it lives; 0 takes it back
   */
  public static String header(String session, long seconds, HttpServerRequest request) {
    // Not by a library's cookie, whose SameSite not every one of them knows.
    return NAME
        + "="
        + session
        + "; Path=/; Max-Age="
        + seconds
        + "; HttpOnly; SameSite=Strict"
        // The scheme is that of a trusted proxy, where there is one.
        + ("https".equalsIgnoreCase(request.scheme()) ? "; Secure" : "");
  }

  /** The session's id that a request shows; empty where it shows none in the right form. */
  public static Optional<String> of(HttpServerRequest request) {
    Set<Cookie> cookies = request.cookies(NAME);
    return cookies.size() == 1
        ? cookies.stream().map(Cookie::getValue).filter(TokenSecrets::isSession).findFirst()
        : Optional.empty();
  }

  /** Whether a request with a session's cookie may do what it asks for. */
  static boolean provesOrigin(HttpServerRequest request, String session) {
    String proof = request.getHeader(CSRF_HEADER);
    return HARMLESS.contains(request.method())
        || (proof != null && TokenSecrets.equal(proof, TokenSecrets.csrfToken(session)));
  }

  /**
   * Whether a browser says that a request that changes something comes from another site's page. Of
   * a service that runs open, nothing else keeps such a page from what the browser's machine
   * reaches.
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
