package dev.rowmill.monitoring;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the labels of HTTP metrics to known values. A request that no method of a resource has
 * taken (it is not signed in, its method or its type is wrong) would bring its own path along, with
 * the project's name in it, and any number of them.
 */
final class HttpMetrics {

  private static final String OTHER = "OTHER";
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
  private static final Set<String> NAMED = Set.of("NOT_FOUND", "REDIRECTION", "UNKNOWN", "root");

  HttpMetrics() {}

  @Produces
  @Singleton
  static MeterFilter known() {
    return new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        if (!id.getName().startsWith("http.server.")) {
          return id;
        }
        Tags tags = Tags.of(id.getTags());
        String method = id.getTag("method");
        boolean usual = method == null || METHODS.contains(method);
        if (!usual) {
          tags = tags.and("method", OTHER);
        }
        String uri = id.getTag("uri");
        if (uri != null && !(usual && isKnown(uri, id.getTag("status")))) {
          tags = tags.and("uri", OTHER);
        }
        return id.replaceTags(tags);
      }
    };
  }

  /** A template, a name for several, or what is there: a file, or a path without parameters. */
  private static boolean isKnown(String uri, @Nullable String status) {
    return uri.contains("{") || NAMED.contains(uri) || (status != null && status.startsWith("2"));
  }
}
