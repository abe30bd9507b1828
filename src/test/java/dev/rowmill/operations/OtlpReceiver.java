package dev.rowmill.operations;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/**
 * Receives traces like a collector, by OTLP over HTTP or over gRPC, and parses the parts that the
 * tests need. Thread-safe.
 */
final class OtlpReceiver implements AutoCloseable {

  /**
   * Represents a span.
   *
   * @param parent id of the parent; empty for none
   * @param links ids of the linked traces and spans, as {@code trace/span}
   * @param status 0 unset, 1 ok, 2 error
   */
  record Span(
      String trace,
      String id,
      String parent,
      String name,
      long startNanos,
      long endNanos,
      Map<String, String> attributes,
      List<String> links,
      long status) {}

  /** Represents a field of a message: its number, and its value as a number or as bytes. */
  private record Field(int number, long value, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    String hex() {
      return HexFormat.of().formatHex(bytes);
    }
  }

  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server = vertx.createHttpServer();

  OtlpReceiver() {
    server.requestHandler(request -> request.bodyHandler(body -> take(request, body.getBytes())));
    join(server.listen(0, "127.0.0.1"));
  }

  /** Returns the endpoint that receives traces. */
  String endpoint() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  List<Span> spans() {
    return spans;
  }

  /** Returns all received bodies, with each byte as a character. */
  List<String> bodies() {
    return bodies;
  }

  private void take(HttpServerRequest request, byte[] body) {
    switch (request.path()) {
      case "/v1/traces" -> {
        take("gzip".equals(request.getHeader("Content-Encoding")), body);
        request.response().end();
      }
      case "/opentelemetry.proto.collector.trace.v1.TraceService/Export" -> {
        // A byte that says whether the message is compressed, and four for its length.
        take(body[0] == 1, Arrays.copyOfRange(body, 5, body.length));
        request
            .response()
            .putHeader("Content-Type", "application/grpc")
            .putTrailer("grpc-status", "0")
            .end(Buffer.buffer(new byte[5]));
      }
      default -> request.response().setStatusCode(404).end();
    }
  }

  private void take(boolean zipped, byte[] sent) {
    byte[] body = zipped ? unzipped(sent) : sent;
    bodies.add(new String(body, StandardCharsets.ISO_8859_1));
    for (Field resource : only(1, body)) {
      for (Field scope : only(2, resource.bytes())) {
        for (Field span : only(2, scope.bytes())) {
          spans.add(span(span.bytes()));
        }
      }
    }
  }

  private static byte[] unzipped(byte[] body) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Span span(byte[] message) {
    Map<String, String> attributes = new TreeMap<>();
    for (Field attribute : only(9, message)) {
      Field value = only(2, attribute.bytes()).get(0);
      Field inner = fields(value.bytes()).get(0);
      attributes.put(
          only(1, attribute.bytes()).get(0).text(),
          inner.number() == 1 ? inner.text() : Long.toString(inner.value()));
    }
    List<String> links = new ArrayList<>();
    for (Field link : only(13, message)) {
      links.add(hex(1, link.bytes()) + "/" + hex(2, link.bytes()));
    }
    long status = 0;
    for (Field outer : only(15, message)) {
      for (Field code : only(3, outer.bytes())) {
        status = code.value();
      }
    }
    return new Span(
        hex(1, message),
        hex(2, message),
        hex(4, message),
        only(5, message).get(0).text(),
        only(7, message).get(0).value(),
        only(8, message).get(0).value(),
        attributes,
        links,
        status);
  }

  private static String hex(int number, byte[] message) {
    return only(number, message).stream().map(Field::hex).findFirst().orElse("");
  }

  private static List<Field> only(int number, byte[] message) {
    return fields(message).stream().filter(field -> field.number() == number).toList();
  }

  private static List<Field> fields(byte[] message) {
    List<Field> fields = new ArrayList<>();
    var in = new ByteArrayInputStream(message);
    while (in.available() > 0) {
      long tag = varint(in);
      int number = (int) (tag >>> 3);
      byte[] none = {};
      switch ((int) (tag & 7)) {
        case 0 -> fields.add(new Field(number, varint(in), none));
        case 1 -> fields.add(new Field(number, fixed(in, 8), none));
        case 5 -> fields.add(new Field(number, fixed(in, 4), none));
        case 2 -> {
          byte[] bytes = new byte[(int) varint(in)];
          in.readNBytes(bytes, 0, bytes.length);
          fields.add(new Field(number, 0, bytes));
        }
        default -> throw new IllegalArgumentException("no message");
      }
    }
    return fields;
  }

  private static long varint(ByteArrayInputStream in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int next = in.read();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
  }

  private static long fixed(ByteArrayInputStream in, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) in.read() << (8 * i);
    }
    return value;
  }

  @Override
  public void close() {
    join(vertx.close());
  }

  private static void join(Future<?> future) {
    future.toCompletionStage().toCompletableFuture().join();
  }
}
