package dev.rowmill.rest.http;

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
    // As late as can be, for what has a policy of its own.
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
    if (path != null && path.startsWith("/api/")) {
      missing(headers, "Cache-Control", "no-store");
    }
  }

  private static void missing(MultiMap headers, String name, String value) {
    if (!headers.contains(name)) {
      headers.set(name, value);
    }
  }
}
