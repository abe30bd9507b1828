package dev.rowmill.rest.http;

import java.util.regex.Pattern;

/**
 * Lists the methods of each path for the header {@code Allow}. RFC 9110 requires it with a 405, but
 * the platform does not send it.
 */
final class AllowedMethods {

  private static final Pattern STARTS = Pattern.compile("/api/v1/projects/[^/]+/batches/?");
  private static final Pattern PLANS = Pattern.compile("/api/v1/projects/[^/]+/plans/?");
  private static final Pattern BATCH = Pattern.compile("/api/v1/batches/[^/]+/?");
  private static final Pattern CONTROL =
      Pattern.compile("/api/v1/batches/[^/]+/(pause|resume|cancel)/?");

  private static final Pattern TOKENS = Pattern.compile("/api/v1/tokens/?");
  private static final Pattern TOKEN = Pattern.compile("/api/v1/tokens/[^/]+/?");
  private static final Pattern SESSION = Pattern.compile("/api/v1/session/?");

  private AllowedMethods() {}

  static String of(String path) {
    if (TOKEN.matcher(path).matches()) {
      return "DELETE, OPTIONS";
    }
    if (SESSION.matcher(path).matches()) {
      return "DELETE, GET, HEAD, OPTIONS, POST";
    }
    if (CONTROL.matcher(path).matches() || PLANS.matcher(path).matches()) {
      return "OPTIONS, POST";
    }
    if (BATCH.matcher(path).matches()) {
      return "GET, HEAD, OPTIONS, PATCH";
    }
    return STARTS.matcher(path).matches() || TOKENS.matcher(path).matches()
        ? "GET, HEAD, OPTIONS, POST"
        : "GET, HEAD, OPTIONS";
  }
}
