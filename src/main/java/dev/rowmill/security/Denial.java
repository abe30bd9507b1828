package dev.rowmill.security;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Represents the reason why a request is denied access. Immutable.
 *
 * @param retryAfter time until another attempt is useful; zero if waiting does not help
 */
public record Denial(Cause cause, Duration retryAfter) {

  private static final String KEY = "rowmill.denial";

  /** Lists the reasons. */
  public enum Cause {
    /** Denies a request without a token. */
    NO_TOKEN,
    /** Denies a request whose token is malformed, unknown, revoked or expired. */
    BAD_TOKEN,
    /** Denies a request because too many wrong tokens came from its address. */
    TOO_MANY_ATTEMPTS,
    /** Denies a request that would change data and may come from another site's page. */
    CROSS_SITE
  }

  /** Writes the response to a denied request. Never blocks. */
  public interface Writer {
    void send(RoutingContext request, Denial denial);
  }

  static Denial of(Cause cause) {
    return new Denial(cause, Duration.ZERO);
  }

  /** Stores this denial in the request, for the response. */
  void note(RoutingContext request) {
    request.put(KEY, this);
  }

  /** Returns the denial stored in a denied request. Returns {@code NO_TOKEN} if none is stored. */
  public static Denial noted(RoutingContext request) {
    Denial noted = request.get(KEY);
    return noted == null ? of(Cause.NO_TOKEN) : noted;
  }
}
