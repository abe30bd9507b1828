package dev.rowmill.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child process that ends with this JVM, even when the JVM is killed with {@code kill -9}.
 *
 * <p>The direct child is a guardian: a shell that starts the real command and waits on a pipe from
 * this JVM. The kernel closes the pipe when the JVM is gone, however it went; the guardian then
 * sends SIGTERM. As the parent of the command it knows the process id for certain, and as it was
 * there first, there is no moment at which the command runs unguarded. On Windows the command is
 * started without a guardian.
 *
 * <p>Thread-safe.
 */
public final class GuardedProcess {

  /**
   * Ctrl-C in a terminal, and a TERM to the whole process group, reach the guardian too, which must
   * outlive them: the JVM decides when the command ends. The inner shell writes its process id
   * before it becomes the command, so that the file is there first. {@code wait} also returns when
   * a signal came in, and is then repeated.
   */
  private static final String GUARDIAN =
      """
      trap '' HUP INT QUIT
      trap : TERM
      exec 3<&0
      sh -c 'echo "$$" >"$0" && exec "$@"' "$@" </dev/null 3<&- &
      command=$!
      { trap '' TERM; cat <&3 >/dev/null; kill -TERM "$command"; } 2>/dev/null &
      watcher=$!
      exec 3<&-
      while :; do
        wait "$command"
        status=$?
        [ "$status" -gt 128 ] && kill -0 "$command" 2>/dev/null || break
      done
      kill -KILL "$watcher" 2>/dev/null
      exit "$status"
      """;

  private final Process process;
  private final Path pidFile;

  private GuardedProcess(Process process, Path pidFile) {
    this.process = process;
    this.pidFile = pidFile;
    var unused = process.onExit().thenRun(this::release);
  }

  /**
   * Starts a command.
   *
   * @param command the program and its arguments
   * @param pidFile where the command's process id is written, before the command runs
   * @param log what the command prints is appended here
   */
  public static GuardedProcess start(List<String> command, Path pidFile, Path log)
      throws IOException {
    List<String> guarded = new ArrayList<>();
    if (!isWindows()) {
      guarded.addAll(List.of("sh", "-c", GUARDIAN, "guardian", pidFile.toString()));
    }
    guarded.addAll(command);
    Process process =
        new ProcessBuilder(guarded)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    if (isWindows()) {
      Files.writeString(pidFile, Long.toString(process.pid()));
    }
    return new GuardedProcess(process, pidFile);
  }

  /** The command's own process, while it lives. */
  public Optional<ProcessHandle> command() {
    return readPid(pidFile).flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * The exit code of the command, 128 and the signal's number when a signal ended it.
   *
   * @throws IllegalThreadStateException while it lives
   */
  public int exitCode() {
    return process.exitValue();
  }

  /** Lets the guardian end the command in order, as when the JVM ends, without waiting for it. */
  public void release() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The other end is gone already, which is what was wanted.
    }
    if (isWindows()) {
      process.destroy();
    }
  }

  /**
   * Waits until the command and its guardian are gone.
   *
   * @return false when they are still there after that time, or the thread was interrupted
   */
  public boolean awaitExit(Duration atMost) {
    // Not by its handle, which may know of the end before the exit code can be had.
    try {
      return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static boolean awaitExit(ProcessHandle handle, Duration atMost) {
    try {
      handle.onExit().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static Optional<Long> readPid(Path pidFile) {
    try {
      return Optional.of(Long.parseLong(Files.readString(pidFile).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  static boolean isWindows() {
    return File.separatorChar == '\\';
  }
}
