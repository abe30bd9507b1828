package dev.rowmill.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Processes the calls of HTTP tasks, each in the same time; no call holds a thread meanwhile. Adds
 * 1 to the {@code stock} of each row. Thread-safe.
 */
final class SlowService implements AutoCloseable {

  static final String SECRET = "0123456789abcdef";

  private final Vertx vertx = Vertx.vertx();
  private final int millis;
  private final HttpServer server;
  private final List<Long> arrivals = new ArrayList<>();

  SlowService(int millis) {
    this.millis = millis;
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(this::called);
    server.listen().toCompletionStage().toCompletableFuture().join();
  }

  private void called(HttpServerRequest call) {
    synchronized (arrivals) {
      arrivals.add(System.nanoTime());
    }
    call.body()
        .onSuccess(
            body ->
                vertx.setTimer(
                    millis,
                    any ->
                        call.response()
                            .putHeader("Content-Type", "application/json")
                            .end(answer(body.getBytes()))));
  }

  private static String answer(byte[] body) {
    try {
      ObjectNode answer = ServiceClient.JSON.createObjectNode();
      ArrayNode updates = answer.putArray("update");
      for (JsonNode row : ServiceClient.JSON.readTree(body).path("rows")) {
        ObjectNode update = updates.addObject();
        update.putObject("key").set("id", row.path("id"));
        update.putObject("set").put("stock", row.path("stock").asInt() + 1);
      }
      return answer.toString();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/";
  }

  /**
   * Returns the times at which calls have arrived, by {@link System#nanoTime}, and forgets them.
   */
  List<Long> takeArrivals() {
    synchronized (arrivals) {
      List<Long> taken = List.copyOf(arrivals);
      arrivals.clear();
      return taken;
    }
  }

  int calls() {
    synchronized (arrivals) {
      return arrivals.size();
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
