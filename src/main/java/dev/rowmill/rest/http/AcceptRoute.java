package dev.rowmill.rest.http;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Locale;

/**
 * Lets a client that accepts JSON get every response, even one that is not JSON. Generated clients
 * accept one of the documented media types of an operation, and prefer JSON, which can be that of
 * problem documents alone. Without this, they would get a 406 from a stream of events.
 */
@ApplicationScoped
class AcceptRoute {

  void add(@Observes Router router) {
    ApiPaths.route(router).order(Integer.MIN_VALUE).handler(AcceptRoute::acceptOthers);
  }

  private static void acceptOthers(RoutingContext context) {
    MultiMap headers = context.request().headers();
    String accepted = String.join(", ", headers.getAll("Accept"));
    if (accepted.toLowerCase(Locale.ROOT).contains("json")) {
      headers.set("Accept", accepted + ", */*;q=0.001");
    }
    context.next();
  }
}
