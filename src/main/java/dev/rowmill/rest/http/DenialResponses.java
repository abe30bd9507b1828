package dev.rowmill.rest.http;

import dev.rowmill.rest.http.ProblemResponses.ProblemResponse;
import dev.rowmill.security.Denial;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

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
      case NO_TOKEN ->
          responses.of(ProblemType.UNAUTHORIZED, request).with("WWW-Authenticate", CHALLENGE);
      case BAD_TOKEN ->
          responses
              .of(ProblemType.UNAUTHORIZED, request)
              .with("WWW-Authenticate", CHALLENGE + ", error=\"invalid_token\"");
      case TOO_MANY_ATTEMPTS ->
          responses
              .of(ProblemType.TOO_MANY_ATTEMPTS, request)
              .with("Retry-After", seconds(denial.retryAfter()));
      case CROSS_SITE -> responses.of(ProblemType.CSRF, request);
    };
  }

  /** Rounds up, so that a client that waits this long is not rejected again. */
  private static String seconds(Duration time) {
    return String.valueOf((time.toMillis() + 999) / 1000);
  }
}
