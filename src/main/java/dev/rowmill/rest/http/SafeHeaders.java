package dev.rowmill.rest.http;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Adds security headers to every response: browsers must not sniff its type, load anything for it,
 * show it in a frame, or send a referrer. They must not store responses of the API. The dashboard
 * sets a content policy of its own. Rejects TRACE, TRACK and CONNECT, because they could disclose a
 * request. Safe for many threads.
 */
@ApplicationScoped
class SafeHeaders {

  /** Allows scripts and styles of the same origin, including inline ones. */
  private static final String SWAGGER_UI =
      "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String ALL_ELSE = "default-src 'none'; frame-ancestors 'none'";

  void add(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).handler(SafeHeaders::handle);
  }

  private static void handle(RoutingContext context) {
    // Runs last, so that responses with a policy of their own retain it.
    context.addHeadersEndHandler(end -> complete(context));
    String method = context.request().method().name();
    if (method.equals("TRACE") || method.equals("TRACK") || method.equals("CONNECT")) {
      context.response().setStatusCode(405);
      context.response().putHeader("Allow", "GET, HEAD, OPTIONS");
      context.response().end();
      return;
    }
    context.next();
  }

  private static void complete(RoutingContext context) {
    String path = context.request().path();
    MultiMap headers = context.response().headers();
    missing(headers, "X-Content-Type-Options", "nosniff");
    missing(headers, "Referrer-Policy", "no-referrer");
    boolean swagger = path != null && path.startsWith("/q/swagger-ui");
    missing(headers, "Content-Security-Policy", swagger ? SWAGGER_UI : ALL_ELSE);
    if (path != null && ApiPaths.contains(path)) {
      missing(headers, "Cache-Control", "no-store");
    }
  }

  private static void missing(MultiMap headers, String name, String value) {
    if (!headers.contains(name)) {
      headers.set(name, value);
    }
  }
}
