package dev.rowmill.rest.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;

/** Names the paths on which callers are authenticated, limited and audited. Stateless. */
final class ApiPaths {

  /** Is the path of the server for assistants. */
  static final String MCP = "/mcp";

  /** Matches the REST API and the server for assistants. */
  private static final String PATTERN = "/(?:api/.*|mcp/?)";

  private ApiPaths() {}

  /** Adds a route for all these paths. */
  static Route route(Router router) {
    return router.routeWithRegex(PATTERN);
  }

  /** Adds a route for all these paths and one method. */
  static Route route(Router router, HttpMethod method) {
    return router.routeWithRegex(method, PATTERN);
  }

  /** Returns whether a path is one of these. */
  static boolean contains(String path) {
    return path.matches(PATTERN);
  }
}
