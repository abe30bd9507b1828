package dev.rowmill.rest.http;

import dev.rowmill.rest.http.ProblemResponses.ProblemResponse;
import dev.rowmill.security.Denial;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sends the problem documents for denied authentication. Safe for many threads. */
@ApplicationScoped
public class DenialResponses implements Denial.Writer {

  private static final String CHALLENGE = "Bearer realm=\"rowmill\"";

  private final ProblemResponses responses;

  DenialResponses(ProblemResponses responses) {
    this.responses = responses;
  }

  @Override
  public void send(RoutingContext context, Denial denial) {
    if (!context.response().ended()) {
      of(denial, context.request()).send(context.response());
    }
  }

  /** Returns the response, with the header that RFC 6750 requires for tokens. */
  public ProblemResponse of(Denial denial, HttpServerRequest request) {
    return switch (denial.cause()) {
      case NO_TOKEN -> with(ProblemType.UNAUTHORIZED, "WWW-Authenticate", CHALLENGE, request);
      case BAD_TOKEN ->
          with(
              ProblemType.UNAUTHORIZED,
              "WWW-Authenticate",
              CHALLENGE + ", error=\"invalid_token\"",
              request);
      case TOO_MANY_ATTEMPTS ->
          with(ProblemType.TOO_MANY_ATTEMPTS, "Retry-After", seconds(denial.retryAfter()), request);
      case CROSS_SITE -> responses.of(ProblemType.CSRF, request);
    };
  }

  private ProblemResponse with(
      ProblemType type, String header, String value, HttpServerRequest request) {
    ProblemResponse plain = responses.of(type, request);
    Map<String, String> headers = new LinkedHashMap<>(plain.headers());
    headers.put(header, value);
    return new ProblemResponse(plain.status(), headers, plain.body());
  }

  /** Rounds up, so that a client that waits this long is not rejected again. */
  private static String seconds(Duration time) {
    return String.valueOf((time.toMillis() + 999) / 1000);
  }
}
