package dev.rowmill.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to any of the nodes. Repeats a request at another node after an error that a fault
 * explains, or without a response. Thread-safe.
 */
final class Caller {

  /** Exceeds the duration of every request; a frozen node does not respond. */
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  private static final long PAUSE_MILLIS = 100;

  private final Site site;
  private final Journal journal;
  private final Map<String, AtomicInteger> troubles = new TreeMap<>();
  private final RowmillApi api =
      new RowmillApi(URI.create("http://localhost")).within(Duration.ofSeconds(2), PATIENCE);

  Caller(Site site, Journal journal) {
    this.site = site;
    this.journal = journal;
  }

  /**
   * Represents the final response.
   *
   * @param again whether the request was repeated, so an earlier one may have been processed
   */
  record Answer(Reply reply, boolean again) {

    boolean isGood() {
      return reply.status() / 100 == 2;
    }

    JsonNode body() {
      return reply.body();
    }
  }

  Answer get(String path, long deadline) throws InterruptedException, GivenUpException {
    return ask("GET", path, null, null, deadline);
  }

  /**
   * @param deadline value of {@link System#nanoTime()}
   * @throws GivenUpException when there was no response until then
   */
  Answer post(String path, @Nullable JsonNode body, @Nullable String key, long deadline)
      throws InterruptedException, GivenUpException {
    return ask("POST", path, body, key, deadline);
  }

  /** Counts, for each kind, the errors after which a request was repeated. */
  synchronized Map<String, Integer> troubles() {
    Map<String, Integer> counts = new TreeMap<>();
    troubles.forEach((trouble, count) -> counts.put(trouble, count.get()));
    return counts;
  }

  private Answer ask(
      String method, String path, @Nullable JsonNode body, @Nullable String key, long deadline)
      throws InterruptedException, GivenUpException {
    boolean again = false;
    String last = "no node listens";
    while (System.nanoTime() - deadline < 0) {
      Node node = any();
      URI address = node == null ? null : node.address().orElse(null);
      if (node != null && address != null) {
        try {
          Reply reply = send(address, method, path, body, key);
          if (reply.status() < 500) {
            return new Answer(reply, again);
          }
          last = node.name() + " answers " + reply;
          trouble(reply.status() + " " + reply.problem());
          if (reply.status() != 503) {
            journal.note(
                method
                    + " "
                    + path
                    + ": "
                    + node.name()
                    + " answers "
                    + reply.status()
                    + ", id "
                    + reply.body().path("id").asText());
          }
        } catch (IOException e) {
          last = node.name() + ": " + e;
          trouble(e.getClass().getSimpleName());
        }
        again = true;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new GivenUpException(
        method + " " + path + " got no valid response; the last one: " + last);
  }

  private @Nullable Node any() {
    List<Node> up = site.nodes().stream().filter(node -> node.address().isPresent()).toList();
    return up.isEmpty() ? null : up.get(ThreadLocalRandom.current().nextInt(up.size()));
  }

  /** Sends a request to one node once. */
  Reply send(URI address, String method, String path, @Nullable JsonNode body, @Nullable String key)
      throws IOException, InterruptedException {
    RowmillApi.Request request = api.at(address).request();
    if (body != null) {
      request.json(body);
    }
    if (key != null) {
      request.header("Idempotency-Key", key);
    }
    Reply reply = request.exchange(method, "/api/v1" + path);
    try {
      reply.body();
    } catch (UncheckedIOException e) {
      throw new IOException("not JSON: " + reply.text(), e);
    }
    return reply;
  }

  private synchronized void trouble(String sort) {
    troubles.computeIfAbsent(sort.strip(), name -> new AtomicInteger()).incrementAndGet();
  }

  /** Reports that no node responds. */
  static final class GivenUpException extends Exception {
    private static final long serialVersionUID = 1;

    GivenUpException(String message) {
      super(message);
    }
  }
}
