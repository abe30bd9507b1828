package dev.rowmill.testing;

import dev.rowmill.embedded.GuardedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Runs the built service as a separate process, for tests that kill it. It listens on a free port,
 * and ends with the tests' JVM. Needs {@code target/quarkus-app}, so only {@code *IT} tests use it.
 * The property {@code testing.jar} names another jar, such as that of a release.
 *
 * <p>Not thread-safe.
 */
public final class ServiceProcess implements AutoCloseable {

  private static final Path JAR =
      Path.of(System.getProperty("testing.jar", "target/quarkus-app/quarkus-run.jar"))
          .toAbsolutePath();
  private static final Path LOGS = Path.of("target/service-logs").toAbsolutePath();
  private static final Pattern LISTENING = Pattern.compile("Listening on: (http://[^\\s\"]+)");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Reduces JIT compilation, because a test's service runs for only a few seconds. */
  private static final List<String> JVM_OPTIONS =
      Stream.of(System.getProperty("testing.jvm.options", "").split(" "))
          .filter(option -> !option.isBlank())
          .toList();

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final GuardedProcess process;
  private final Path log;

  private ServiceProcess(GuardedProcess process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts the service without waiting for it.
   *
   * @param config configuration properties, which override all others
   * @param arguments arguments of the command line, such as {@code demo}
   */
  public static ServiceProcess launch(Map<String, String> config, String... arguments) {
    return launch(List.of(), config, arguments);
  }

  /**
   * Starts the service through another program without waiting for it.
   *
   * @param through that program and its arguments, such as {@code env} and its variables; it must
   *     become the service's process
   * @param config configuration properties, which override all others
   * @param arguments arguments of the command line
   */
  public static ServiceProcess launch(
      List<String> through, Map<String, String> config, String... arguments) {
    String name = "service-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    List<String> command = new ArrayList<>(through);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String agent = System.getProperty("testing.agent", "");
    if (!agent.isBlank()) {
      command.add(agent);
    }
    command.addAll(JVM_OPTIONS);
    command.add("-Dquarkus.http.port=0");
    // With a configured database, the service would require tokens.
    command.add("-Drowmill.auth=open");
    // Most tests change all rows of small tables.
    if (!config.containsKey("rowmill.guard.require-where")) {
      command.add("-Drowmill.guard.require-where=false");
    }
    config.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    try {
      Files.createDirectories(LOGS);
      Path log = LOGS.resolve(name + ".log");
      Files.deleteIfExists(log);
      return new ServiceProcess(
          GuardedProcess.start(command, LOGS.resolve(name + ".pid"), log), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the service on a test's server, and returns when it listens. */
  public static ServiceProcess start(TestServer server, String schema) {
    return launch(
            Map.of(
                "quarkus.datasource.jdbc.url", server.url(schema),
                "quarkus.datasource.username", server.user(),
                "quarkus.datasource.password", server.password()))
        .awaitListening();
  }

  /**
   * Returns when the service listens.
   *
   * @throws IllegalStateException with the end of its output, if it has ended
   */
  public ServiceProcess awaitListening() {
    Awaitility.await("service, see " + log)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(() -> isListening() || !process.isAlive());
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the service has ended with %d:%n%s".formatted(process.exitCode(), lastLines()));
    }
    return this;
  }

  private String lastLines() {
    List<String> lines = output().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }

  /** Returns the address of the service, such as {@code http://127.0.0.1:34567}. */
  public URI address() {
    Matcher matcher = LISTENING.matcher(output());
    if (!matcher.find()) {
      throw new IllegalStateException("the service does not listen yet, see " + log);
    }
    return URI.create(matcher.group(1));
  }

  /** Returns the file of its output. */
  public Path log() {
    return log;
  }

  /** Returns whether it listens. */
  public boolean isListening() {
    return LISTENING.matcher(output()).find();
  }

  /** Returns its output so far. */
  public String output() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the JVM as {@code kill -9} does, and returns when it has ended. */
  public void kill() {
    process.command().ifPresent(ProcessHandle::destroyForcibly);
    awaitExit();
  }

  /** Stops the service as SIGTERM does, and returns its exit code after its end. */
  public int stop() {
    terminate();
    return awaitExit();
  }

  /** Sends the service a SIGTERM, without waiting for its end. */
  public void terminate() {
    process.release();
  }

  /** Sends the JVM a signal, such as STOP or CONT. */
  public void signal(String name) throws IOException, InterruptedException {
    if (new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor() != 0) {
      throw new IOException("SIG" + name + " could not be sent to " + pid());
    }
  }

  /** Returns the process id of the JVM while it runs. */
  public long pid() {
    return process.command().orElseThrow().pid();
  }

  /** Waits for the service to end by itself, and returns the exit code. */
  public int awaitExit() {
    if (!process.awaitExit(PATIENCE)) {
      throw new IllegalStateException("the service does not end, see " + log);
    }
    return process.exitCode();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Stops the service cleanly if it is alive, which also saves its code coverage. */
  @Override
  public void close() {
    if (isAlive()) {
      stop();
    }
  }
}
