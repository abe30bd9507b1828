package dev.rowmill.rest;

import java.util.regex.Pattern;

/**
 * The methods of each path, for the header {@code Allow}: the platform does not tell them with a
 * 405, as RFC 9110 wants it.
 */
final class AllowedMethods {

  private static final Pattern STARTS = Pattern.compile("/api/v1/projects/[^/]+/batches/?");
  private static final Pattern PLANS = Pattern.compile("/api/v1/projects/[^/]+/plans/?");
  private static final Pattern BATCH = Pattern.compile("/api/v1/batches/[^/]+/?");
  private static final Pattern CONTROL =
      Pattern.compile("/api/v1/batches/[^/]+/(pause|resume|cancel)/?");

  private AllowedMethods() {}

  static String of(String path) {
    if (CONTROL.matcher(path).matches() || PLANS.matcher(path).matches()) {
      return "OPTIONS, POST";
    }
    if (BATCH.matcher(path).matches()) {
      return "GET, HEAD, OPTIONS, PATCH";
    }
    return STARTS.matcher(path).matches() ? "GET, HEAD, OPTIONS, POST" : "GET, HEAD, OPTIONS";
  }
}
