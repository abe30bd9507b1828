package dev.rowmill.rest;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * What browsers are told with every answer, whatever gave it: to take it for what it says it is, to
 * load nothing for it, and to show it in no frame. The dashboard's own policy takes the place of
 * this one. Methods that would show a request to whoever asks are refused. Safe for many threads.
 */
@ApplicationScoped
class SafeHeaders {

  /** Scripts and styles of its own page, some of them inline. */
  private static final String SWAGGER_UI =
      "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String ALL_ELSE = "default-src 'none'; frame-ancestors 'none'";

  void add(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).handler(SafeHeaders::handle);
  }

  private static void handle(RoutingContext context) {
    String path = context.request().path();
    MultiMap headers = context.response().headers();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set(
        "Content-Security-Policy",
        path != null && path.startsWith("/q/swagger-ui") ? SWAGGER_UI : ALL_ELSE);
    if (path != null && path.startsWith("/api/")) {
      headers.set("Cache-Control", "no-store");
    }
    String method = context.request().method().name();
    if (method.equals("TRACE") || method.equals("TRACK") || method.equals("CONNECT")) {
      context.response().setStatusCode(405);
      headers.set("Allow", "GET, HEAD, OPTIONS");
      context.response().end();
      return;
    }
    context.next();
  }
}
