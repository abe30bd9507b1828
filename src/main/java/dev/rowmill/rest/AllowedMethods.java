package dev.rowmill.rest;

import java.util.regex.Pattern;

/**
 * The methods of each path, for the header {@code Allow}: the platform does not tell them with a
 * 405, as RFC 9110 wants it.
 */
final class AllowedMethods {

  private static final Pattern STARTS = Pattern.compile("/api/v1/projects/[^/]+/batches/?");

  private AllowedMethods() {}

  static String of(String path) {
    return STARTS.matcher(path).matches() ? "GET, HEAD, OPTIONS, POST" : "GET, HEAD, OPTIONS";
  }
}
