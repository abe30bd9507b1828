package dev.rowmill.bench;

import dev.rowmill.embedded.GuardedProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Runs the service as a process of a given Java, and measures the time from before its start.
 * Closing stops the service regularly. Not thread-safe.
 */
final class TimedService implements AutoCloseable {

  private static final Path FOLDER = Path.of("target/bench").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int BETWEEN_TRIES_MILLIS = 2;

  private final URI address;
  private final Path log = FOLDER.resolve("startup.log");
  private final long started;
  private final GuardedProcess process;

  /**
   * @param java the program and its options
   */
  TimedService(List<String> java, Path jar, Map<String, String> config) throws IOException {
    int port = freePort();
    address = URI.create("http://127.0.0.1:" + port);
    List<String> command = new ArrayList<>(java);
    command.add("-Dquarkus.http.port=" + port);
    config.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-jar", jar.toAbsolutePath().toString()));
    Files.createDirectories(FOLDER);
    started = System.nanoTime();
    process = GuardedProcess.start(command, FOLDER.resolve("startup.pid"), log);
  }

  /** Returns a client as soon as the service accepts connections. */
  ServiceClient connect() throws IOException, InterruptedException {
    while (System.nanoTime() - started < PATIENCE.toNanos() && process.isAlive()) {
      try {
        return new ServiceClient(address);
      } catch (ConnectException e) {
        Thread.sleep(BETWEEN_TRIES_MILLIS);
      }
    }
    throw new IOException("the service does not start, see " + log);
  }

  double millisSinceStart() {
    return (System.nanoTime() - started) / 1e6;
  }

  /** Returns its resident memory in MB; empty if the kernel does not report it. */
  OptionalDouble residentMegabytes() throws IOException {
    long pid = process.command().orElseThrow().pid();
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return OptionalDouble.empty();
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e6)
        .findFirst();
  }

  @Override
  public void close() {
    process.release();
    if (!process.awaitExit(PATIENCE)) {
      throw new IllegalStateException("the service does not stop, see " + log);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
