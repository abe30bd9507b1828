package dev.rowmill.chaos;

import dev.rowmill.testing.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs one node: a process that is restarted whenever it has ended, as by a service manager.
 * Thread-safe.
 */
final class Node implements AutoCloseable {

  private static final Duration REST = Duration.ofMillis(500);
  private static final int SIGKILL = 128 + 9;
  private static final int SIGTERM = 128 + 15;

  private final String name;
  private final FaultyLink link;
  private final Map<String, String> config;
  private final Journal journal;

  /** Is locked by a fault of this node. */
  private final ReentrantLock trouble = new ReentrantLock();

  private @Nullable ServiceProcess process;
  private boolean wanted;
  private boolean endIsExpected;
  private long notBefore = System.nanoTime();
  private Duration clockSkew = Duration.ZERO;
  private volatile @Nullable URI address;

  Node(String name, FaultyLink link, Map<String, String> config, Journal journal) {
    this.name = name;
    this.link = link;
    this.config = config;
    this.journal = journal;
  }

  String name() {
    return name;
  }

  FaultyLink link() {
    return link;
  }

  /** Returns the lock to try before a fault of this node's process. */
  ReentrantLock trouble() {
    return trouble;
  }

  /** Returns its address; empty if it is not known to listen. */
  Optional<URI> address() {
    return Optional.ofNullable(address);
  }

  /** Sets the difference between its clock and the real time, from its next start on. */
  synchronized void skewClock(Duration skew) {
    clockSkew = skew;
  }

  synchronized void start() {
    wanted = true;
    look();
  }

  /**
   * Starts the process if it has ended, and checks whether it listens. Must be called periodically.
   */
  synchronized void look() {
    ServiceProcess current = process;
    if (current != null && !current.isAlive()) {
      int code = current.awaitExit();
      // Without a database, a start fails with a message.
      if (!endIsExpected && current.isListening()) {
        journal.violation(name + " ended by itself with " + code + ", see " + current.log());
      } else {
        journal.note(name + " ended with " + code);
      }
      process = null;
      address = null;
      notBefore = Math.max(notBefore, System.nanoTime() + REST.toNanos());
    }
    if (process == null && wanted && System.nanoTime() - notBefore >= 0) {
      endIsExpected = false;
      process = ServiceProcess.launch(environment(), config);
      journal.note(
          name
              + " starts"
              + (clockSkew.isZero() ? "" : " with its clock off by " + clockSkew)
              + ", see "
              + process.log().getFileName());
    }
    if (address == null && process != null && !endIsExpected && process.isListening()) {
      address = process.address();
      journal.note(name + " listens at " + address);
    }
  }

  /**
   * Kills the process like {@code kill -9}, and returns when it has ended.
   *
   * @param down time until it is started again
   */
  synchronized void kill(Duration down) {
    endIsExpected = true;
    notBefore = System.nanoTime() + down.toNanos();
    address = null;
    if (process != null && process.isAlive()) {
      process.kill();
    }
  }

  /** Requests the process to stop, and returns after its end; returns the duration. */
  Duration terminate() {
    ServiceProcess ending;
    synchronized (this) {
      endIsExpected = true;
      address = null;
      ending = process;
    }
    long began = System.nanoTime();
    if (ending != null) {
      int code = ending.stop();
      // A JVM that was still starting has no handler yet.
      if (code != 0 && code != SIGTERM && code != SIGKILL) {
        journal.note(name + " ended after SIGTERM with " + code);
      }
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Sends the process a signal, such as STOP; does nothing when there is none. */
  synchronized void signal(String signal) throws IOException, InterruptedException {
    if (process != null && process.isAlive()) {
      process.signal(signal);
    }
  }

  /** Returns the command prefix that sets its environment. */
  private List<String> environment() {
    List<String> environment = new ArrayList<>();
    environment.add("env");
    // Nodes run for seconds, and start often.
    environment.add("JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1");
    Optional<Path> clock = clockLibrary();
    if (!clockSkew.isZero() && clock.isPresent()) {
      environment.add("LD_PRELOAD=" + clock.get());
      environment.add("FAKETIME=" + (clockSkew.isNegative() ? "" : "+") + clockSkew.toSeconds());
      environment.add("FAKETIME_DONT_FAKE_MONOTONIC=1");
      // Otherwise each timed wait of the JVM ends at once, and is repeated.
      environment.add("FAKETIME_FORCE_MONOTONIC_FIX=0");
    }
    return environment;
  }

  /** Finds the library that changes a process's clock; empty if it is not installed. */
  static Optional<Path> clockLibrary() {
    for (Path folder : List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"))) {
      try (Stream<Path> files =
          Files.find(
              folder,
              3,
              (file, about) -> file.getFileName().toString().startsWith("libfaketimeMT"))) {
        Optional<Path> found = files.findFirst();
        if (found.isPresent()) {
          return found;
        }
      } catch (IOException e) {
        // This system does not have the folder.
      }
    }
    return Optional.empty();
  }

  /** Ends the process permanently, if possible by a regular shutdown. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      wanted = false;
    }
    try {
      signal("CONT");
      terminate();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill(Duration.ZERO);
    } finally {
      link.close();
    }
  }
}
