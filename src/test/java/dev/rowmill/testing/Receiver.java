package dev.rowmill.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Receives webhooks over real HTTP. Thread-safe. */
public final class Receiver implements AutoCloseable {

  /** Represents a received request. */
  public record Call(String path, String signature, String delivery, String account, byte[] body) {

    public JsonNode json() {
      try {
        return new ObjectMapper().readTree(body);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    /** Checks the signature as the documentation describes it. */
    public boolean isSignedBy(String secret) throws Exception {
      String[] parts = signature.split(",", 2);
      String time = parts[0].substring("t=".length());
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((time + ".").getBytes(StandardCharsets.UTF_8));
      return parts[1].equals("v1=" + HexFormat.of().formatHex(mac.doFinal(body)));
    }
  }

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  /**
   * Starts a receiver.
   *
   * @param port 0 for any
   * @param status returns the status of the response by the number of the call, from 1; may block
   */
  public Receiver(int port, IntUnaryOperator status) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext("/", exchange -> respond(exchange, status));
    server.start();
  }

  private void respond(HttpExchange exchange, IntUnaryOperator status) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    int number;
    synchronized (this) {
      calls.add(
          new Call(
              exchange.getRequestURI().getPath(),
              header(exchange, "Rowmill-Signature"),
              header(exchange, "Rowmill-Delivery"),
              header(exchange, "Authorization"),
              body));
      number = calls.size();
    }
    int answered = status.applyAsInt(number);
    if (answered / 100 == 3) {
      exchange.getResponseHeaders().add("Location", "/elsewhere");
    }
    exchange.sendResponseHeaders(answered, -1);
    exchange.close();
  }

  private static String header(HttpExchange exchange, String name) {
    return String.valueOf(exchange.getRequestHeaders().getFirst(name));
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Returns the requests received so far. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Returns the status after a delay in milliseconds. */
  public static int slowly(long millis, int status) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return status;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
