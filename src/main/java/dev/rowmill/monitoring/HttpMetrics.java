package dev.rowmill.monitoring;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Limits the labels of HTTP metrics to known values. A request that reaches no resource method, as
 * without a login or with a wrong method or type, would add its own path. Such paths contain
 * project names, and their number is unlimited.
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

  /**
   * Accepts a template, a common name, or an existing target: a file, or a path without parameters.
   */
  private static boolean isKnown(String uri, @Nullable String status) {
    return uri.contains("{") || NAMED.contains(uri) || (status != null && status.startsWith("2"));
  }
}
