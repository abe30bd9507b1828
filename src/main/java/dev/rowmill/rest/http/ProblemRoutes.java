package dev.rowmill.rest.http;

import io.quarkus.security.ForbiddenException;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;

/** Sends problem documents for errors before a resource is found, or when none is found. */
@ApplicationScoped
class ProblemRoutes {

  /** Is the path of the only resource that accepts large bodies. */
  private static final String UPLOADS = "/api/v1/uploads";

  private static final String METRICS = "/q/metrics*";

  /** Limits the declared length, in bytes, of a rejected body that is still read to its end. */
  private static final long LARGEST_READ = 32L * RequestBytes.MOST;

  private final ProblemResponses responses;
  private final long bodyMillis;

  ProblemRoutes(ProblemResponses responses, HttpConfig config) {
    this.responses = responses;
    this.bodyMillis = config.bodyTimeout().toMillis();
  }

  void add(@Observes Router router) {
    // Runs before the platform's own check, which responds without a body and closes the
    // connection.
    ApiPaths.route(router)
        .order(Integer.MIN_VALUE)
        .handler(this::watchBody)
        .handler(this::refuseLargeBody)
        .failureHandler(this::failed);
    // Handled here, because the platform's own response lists the methods of all paths together.
    ApiPaths.route(router, HttpMethod.OPTIONS)
        .order(Integer.MIN_VALUE + 1)
        .handler(
            context ->
                context
                    .response()
                    .setStatusCode(204)
                    .putHeader("Allow", AllowedMethods.of(context.request().path()))
                    .end());
    router
        .route(METRICS)
        .order(Integer.MIN_VALUE)
        .handler(RoutingContext::next)
        .failureHandler(this::failed);
    ApiPaths.route(router)
        .order(Integer.MAX_VALUE)
        .handler(context -> send(context, ProblemType.NOT_FOUND));
  }

  /**
   * Closes the connection of a client that takes too long to send its body, since the request holds
   * a thread meanwhile. The platform only limits the time between two bytes. A request whose body
   * has arrived is not affected while it waits for its response.
   */
  private void watchBody(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (isUpload(request)) {
      // Only the time between two parts of its body is limited.
      context.next();
      return;
    }
    MultiMap headers = request.headers();
    if (!request.isEnded()
        && (headers.contains("Content-Length") || headers.contains("Transfer-Encoding"))) {
      Vertx vertx = context.vertx();
      long timer =
          vertx.setTimer(
              bodyMillis,
              late -> {
                if (!request.isEnded()) {
                  request.connection().close();
                }
              });
      context.addEndHandler(end -> vertx.cancelTimer(timer));
    }
    context.next();
  }

  private void refuseLargeBody(RoutingContext context) {
    HttpServerRequest request = context.request();
    String encoding = request.getHeader("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      send(context, ProblemType.UNSUPPORTED_MEDIA_TYPE);
      return;
    }
    long declared = declaredLength(request);
    if (isUpload(request)) {
      // Limited while it is read.
      context.next();
      return;
    }
    context.put(VertxHttpRecorder.MAX_REQUEST_SIZE_KEY, LARGEST_READ);
    if (declared <= RequestBytes.MOST) {
      context.next();
      return;
    }
    // A client that sends Expect waits for permission and need not send its body.
    if (declared > LARGEST_READ || request.headers().contains("Expect")) {
      context.response().putHeader("Connection", "close");
      send(context, ProblemType.BODY_TOO_LARGE);
      return;
    }
    // Read the body to its end, because many clients read the response only after sending
    // everything.
    request.handler(part -> {});
    request.endHandler(end -> send(context, ProblemType.BODY_TOO_LARGE));
    request.resume();
  }

  private static boolean isUpload(HttpServerRequest request) {
    return request.method() == HttpMethod.POST && request.path().equals(UPLOADS);
  }

  private void failed(RoutingContext context) {
    if (context.response().headWritten()) {
      context.next();
      return;
    }
    Throwable error = context.failure();
    if (error instanceof ForbiddenException) {
      responses
          .of(ProblemType.FORBIDDEN, Map.of("role", "viewer of all projects"), context.request())
          .send(context.response());
      return;
    }
    ProblemType type = ProblemType.ofStatus(context.statusCode());
    if (error != null && type == ProblemType.INTERNAL_ERROR) {
      responses.ofUnforeseen(error, context.request()).send(context.response());
    } else {
      send(context, type);
    }
  }

  private void send(RoutingContext context, ProblemType type) {
    responses.of(type, context.request()).send(context.response());
  }

  private static long declaredLength(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? 0 : Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      // The server has already rejected malformed values.
      return 0;
    }
  }
}
