package dev.rowmill.security;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Why a request is not let in. Immutable.
 *
 * @param retryAfter how long it makes no sense to try again; zero where that is not the reason
 */
public record Denial(Cause cause, Duration retryAfter) {

  private static final String KEY = "rowmill.denial";

  /** What is wrong. */
  public enum Cause {
    /** It shows no token. */
    NO_TOKEN,
    /** Its token is malformed, unknown, revoked or expired. */
    BAD_TOKEN,
    /** Too many wrong tokens have come from its address. */
    TOO_MANY_ATTEMPTS,
    /** It would change something, and may come from a page of another site. */
    CROSS_SITE
  }

  /** Writes the answer to a request that is not let in. Never blocks. */
  public interface Answer {
    void send(RoutingContext request, Denial denial);
  }

  static Denial of(Cause cause) {
    return new Denial(cause, Duration.ZERO);
  }

  /** Notes it with a request, for the answer. */
  void note(RoutingContext request) {
    request.put(KEY, this);
  }

  /** Why a request is not let in that was not: without a note it showed nothing. */
  public static Denial noted(RoutingContext request) {
    Denial noted = request.get(KEY);
    return noted == null ? of(Cause.NO_TOKEN) : noted;
  }
}
