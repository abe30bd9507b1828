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
 * Runs a child process that ends with this JVM, even if the JVM is killed with {@code kill -9}.
 *
 * <p>The direct child is a guardian: a shell that starts the command and waits on a pipe from this
 * JVM. The kernel closes the pipe when the JVM ends for any reason. The guardian then sends SIGTERM
 * to the command. As the command's parent, it has a reliable process id. It starts before the
 * command, so the command never runs unguarded. On Windows the command is started without a
 * guardian.
 *
 * <p>Thread-safe.
 */
public final class GuardedProcess {

  /**
   * Contains the guardian's shell script. The guardian survives Ctrl-C in a terminal and a TERM to
   * the process group, because the JVM decides when the command ends. The inner shell writes its
   * process id before it executes the command, so that the file exists first. {@code wait} also
   * returns after a signal, and is then repeated.
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
   * @param pidFile file that receives the command's process id before the command runs
   * @param log file to which the command's output is appended
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

  /** Returns the command's own process; empty if it is not alive. */
  public Optional<ProcessHandle> command() {
    return readPid(pidFile).flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Returns the exit code of the command, or 128 plus the number of the signal that ended it.
   *
   * @throws IllegalThreadStateException if it is still alive
   */
  public int exitCode() {
    return process.exitValue();
  }

  /** Makes the guardian end the command cleanly, as at the end of the JVM. Does not wait for it. */
  public void release() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The other end is already closed, as intended.
    }
    if (isWindows()) {
      process.destroy();
    }
  }

  /**
   * Waits until the command and its guardian have ended.
   *
   * @return false if they are still alive after that time, or the thread was interrupted
   */
  public boolean awaitExit(Duration atMost) {
    // The process handle may report the end before the exit code is available.
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
