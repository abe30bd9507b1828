package dev.rowmill.rest.http;

import java.util.Map;

/**
 * Lists the methods of each path for the header {@code Allow}. RFC 9110 requires it with a 405, but
 * the platform does not send it.
 */
final class AllowedMethods {

  /** Maps the paths under {@code /api/v1} that do not only allow reading to their methods. */
  private static final Map<String, String> METHODS =
      Map.of(
          "tokens/[^/]+", "DELETE, OPTIONS",
          "(statements|schedules|retention|tasks)/[^/]+", "DELETE, GET, HEAD, OPTIONS, PUT",
          "uploads/[^/]+", "DELETE, GET, HEAD, OPTIONS",
          "session", "DELETE, GET, HEAD, OPTIONS, POST",
          "batches/[^/]+/(pause|resume|retry|skipped/retry|cancel|approve|undo|restore)|projects/[^/]+/(plans|exports)|chains/plans",
              "OPTIONS, POST",
          "schedules/[^/]+/(pause|resume|run|approve|preview)|tasks/[^/]+/(lease|complete|extend)|chains/[^/]+/(pause|resume|cancel|retry|undo)",
              "OPTIONS, POST",
          "batches/[^/]+", "GET, HEAD, OPTIONS, PATCH",
          "projects/[^/]+/batches|tokens|chains|uploads", "GET, HEAD, OPTIONS, POST");

  private AllowedMethods() {}

  static String of(String path) {
    if (path.startsWith(ApiPaths.MCP)) {
      return "OPTIONS, POST";
    }
    return METHODS.entrySet().stream()
        .filter(it -> path.matches("/api/v1/(" + it.getKey() + ")/?"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("GET, HEAD, OPTIONS");
  }
}
