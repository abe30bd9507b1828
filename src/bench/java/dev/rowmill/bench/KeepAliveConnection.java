package dev.rowmill.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Keeps one HTTP/1.1 connection for all requests. Renews it after an idle time, in which the
 * service may close it. Uses a plain socket, because a client library would take CPU time from the
 * service and the database. Not thread-safe.
 */
final class KeepAliveConnection implements AutoCloseable {

  /** Exceeds the longest delay of a response. */
  private static final int TIMEOUT_MILLIS = 120_000;

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  /** Is shorter than the time after which the service closes an idle connection. */
  private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(30);

  /**
   * Represents a response.
   *
   * @param headers headers by their names in lower case
   */
  record Answer(int status, Map<String, String> headers, String body) {}

  private final InetSocketAddress service;
  private final String host;
  private Socket socket;
  private InputStream in;
  private long usedNanos;

  KeepAliveConnection(URI service) throws IOException {
    this.service = new InetSocketAddress(service.getHost(), service.getPort());
    host = service.getHost() + ":" + service.getPort();
    connect();
  }

  private void connect() throws IOException {
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(service, CONNECT_TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream(), 16_384);
    usedNanos = System.nanoTime();
  }

  Answer get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  }

  /**
   * @param waitSeconds seconds to wait for the end of the batch, as a preference; 0 for none
   */
  Answer post(String path, String json, int waitSeconds) throws IOException {
    return send(
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(
                path,
                host,
                waitSeconds == 0 ? "" : "Prefer: wait=" + waitSeconds + "\r\n",
                json.getBytes(StandardCharsets.UTF_8).length,
                json));
  }

  private Answer send(String request) throws IOException {
    if (System.nanoTime() - usedNanos > LONGEST_REST_NANOS) {
      socket.close();
      connect();
    }
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    int status = Integer.parseInt(line().split(" ", 3)[1]);
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body =
        "chunked".equals(headers.get("transfer-encoding"))
            ? chunks()
            : bytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    usedNanos = System.nanoTime();
    return new Answer(status, headers, new String(body, StandardCharsets.UTF_8));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int length = Integer.parseInt(line().strip(), 16);
      body.writeBytes(bytes(length));
      line();
      if (length == 0) {
        return body.toByteArray();
      }
    }
  }

  private byte[] bytes(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the service closed the connection");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the service closed the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
