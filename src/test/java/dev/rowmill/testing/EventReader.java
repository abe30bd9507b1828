package dev.rowmill.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** Reads server-sent events from a connection of its own, as the WHATWG HTML standard specifies. */
public final class EventReader implements AutoCloseable {

  /** Represents an event; a null name marks the end of the stream. */
  public record Event(@Nullable String id, @Nullable String name, JsonNode data) {

    /** Returns the status in its data. */
    public String status() {
      return data.path("status").asText();
    }
  }

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Event END = new Event(null, null, JSON.nullNode());

  private final HttpResponse<InputStream> response;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final AtomicInteger comments = new AtomicInteger();

  private EventReader(HttpResponse<InputStream> response) {
    this.response = response;
    var thread = new Thread(this::read, "event-reader");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Opens a stream and returns when its headers have arrived.
   *
   * @param lastEventId the event to resume after; null for a new stream
   */
  public static EventReader open(URI stream, @Nullable String lastEventId) {
    return open(stream, lastEventId, null);
  }

  /**
   * @param token sent with the request; null for none
   */
  public static EventReader open(URI stream, @Nullable String lastEventId, @Nullable String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(stream).timeout(PATIENCE);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return open(HttpClient.newHttpClient(), request.build());
  }

  /** Opens a stream through a client of the test's own. */
  public static EventReader open(HttpClient client, HttpRequest request) {
    try {
      return new EventReader(client.send(request, HttpResponse.BodyHandlers.ofInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public HttpResponse<?> response() {
    return response;
  }

  /** Returns the number of comments received. */
  public int comments() {
    return comments.get();
  }

  private void read() {
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String id = null;
      String name = null;
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(":")) {
          comments.incrementAndGet();
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("event:")) {
          name = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
          data += line.substring(5);
        } else if (line.isEmpty() && !data.isEmpty()) {
          events.add(new Event(id, name, JSON.readTree(data)));
          name = null;
          data = "";
        }
      }
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      // Either side has closed the stream.
    }
    events.add(END);
  }

  /** Returns the next event; fails when none comes. */
  public Event next() {
    try {
      Event next = events.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      Assertions.assertNotNull(next, "no event came");
      return next;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the next event with a name and skips others. */
  public Event next(String name) {
    return next(event -> name.equals(event.name()));
  }

  /** Returns the next event that matches; fails at the end of the stream. */
  public Event next(Predicate<Event> wanted) {
    for (Event event = next(); ; event = next()) {
      Assertions.assertNotSame(END, event, "the stream has ended");
      if (wanted.test(event)) {
        return event;
      }
    }
  }

  /** Returns the published statuses up to the given one. */
  public List<String> statusesUpTo(String last) {
    List<String> statuses = new ArrayList<>();
    do {
      statuses.add(next("status").status());
    } while (!statuses.get(statuses.size() - 1).equals(last));
    return statuses;
  }

  /** Skips all events to the end of the stream; fails when it does not end. */
  public void awaitEnd() {
    while (next() != END) {}
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
