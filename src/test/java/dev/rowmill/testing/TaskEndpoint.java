package dev.rowmill.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Processes the calls of HTTP tasks over real HTTP. Thread-safe. */
public final class TaskEndpoint implements AutoCloseable {

  /** Lists the hosts that the service under test may call. */
  public static final String HOSTS = "127.0.0.1,*.0.0.2";

  public static final String SECRET = "0123456789abcdef";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Answers a call. */
  public interface Answer {
    /** Returns the response to the call of a number, from 1. May block. */
    Response to(int number, JsonNode call) throws Exception;
  }

  /** Represents a response. */
  public interface Response {
    void write(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<JsonNode> calls = new CopyOnWriteArrayList<>();
  private final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final AtomicInteger unsigned = new AtomicInteger();
  private volatile Answer answer;

  /** Runs as a process of its own that adds 1 to the column n, at the port of the argument. */
  public static void main(String... arguments) throws IOException {
    new TaskEndpoint(
        Integer.parseInt(arguments[0]),
        (number, call) -> {
          Thread.sleep(20);
          return set(call, "n", row -> row.get("n").asInt() + 1);
        });
  }

  /**
   * @param port 0 for any
   */
  public TaskEndpoint(int port, Answer answer) throws IOException {
    this.answer = answer;
    server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 1000);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public static TaskEndpoint of(Answer answer) {
    try {
      return new TaskEndpoint(0, answer);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    connections.add(exchange.getRemoteAddress());
    byte[] body = exchange.getRequestBody().readAllBytes();
    mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    try (exchange) {
      if (!isSigned(exchange.getRequestHeaders().getFirst("Rowmill-Signature"), body)) {
        unsigned.incrementAndGet();
      }
      JsonNode call = JSON.readTree(body);
      int number;
      synchronized (this) {
        calls.add(call);
        number = calls.size();
      }
      answer.to(number, call).write(exchange);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      inFlight.decrementAndGet();
    }
  }

  private static boolean isSigned(String signature, byte[] body) throws IOException {
    try {
      String[] parts = signature.split(",", 2);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((parts[0].substring("t=".length()) + ".").getBytes(StandardCharsets.UTF_8));
      return parts[1].equals("v1=" + HexFormat.of().formatHex(mac.doFinal(body)));
    } catch (java.security.GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Returns a response that sets a number in each row, computed from the row. */
  public static Response set(
      JsonNode call, String column, java.util.function.Function<JsonNode, Object> value) {
    ObjectNode answer = JSON.createObjectNode();
    var updates = answer.putArray("update");
    for (JsonNode row : call.get("rows")) {
      ObjectNode update = updates.addObject();
      update.putObject("key").set("id", row.get("id"));
      update.putObject("set").set(column, JSON.valueToTree(value.apply(row)));
    }
    return json(answer.toString());
  }

  public static Response json(String body) {
    return of(200, "application/json", body);
  }

  public static Response status(int status, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  public static Response of(int status, String type, String body) {
    return exchange -> {
      exchange.getResponseHeaders().add("Content-Type", type);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  /** Returns a response of many bytes; counts those that were taken. */
  public static Response large(long megabytes, AtomicInteger taken) {
    return exchange -> {
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      byte[] part = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
      try (OutputStream out = exchange.getResponseBody()) {
        for (long i = 0; i < megabytes; i++) {
          out.write(part);
          taken.incrementAndGet();
        }
      }
    };
  }

  public void answer(Answer other) {
    answer = other;
  }

  public String url() {
    return "http://127.0.0.1:" + port() + "/calls";
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Returns the calls received so far. */
  public List<JsonNode> calls() {
    return List.copyOf(calls);
  }

  public int inFlight() {
    return inFlight.get();
  }

  public int mostInFlight() {
    return mostInFlight.get();
  }

  /** Returns the number of connections that calls were received on. */
  public int connections() {
    return connections.size();
  }

  /** Returns the number of calls without a valid signature. */
  public int unsigned() {
    return unsigned.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
