package dev.rowmill.httptask;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Defines a task that another service does over HTTP. Immutable.
 *
 * @param url address that chunks are sent to; null if workers lease them
 * @param secret signs the requests; null if workers lease them
 * @param timeoutMillis time until the whole response, or of a lease
 * @param concurrency maximum number of calls of a batch in flight on a node
 * @param schema JSON Schema of the parameters, as JSON
 */
public record HttpTask(
    String name,
    String description,
    @Nullable String url,
    @Nullable String secret,
    int timeoutMillis,
    int concurrency,
    String schema) {

  /**
   * Represents a stored task.
   *
   * @param updatedBy null where callers are not identified
   */
  public record Stored(HttpTask task, @Nullable String updatedBy, Instant updatedAt) {}

  Duration timeout() {
    return Duration.ofMillis(timeoutMillis);
  }

  /** Returns the task without its secret. */
  @Override
  public String toString() {
    return "HttpTask[" + name + "]";
  }
}
