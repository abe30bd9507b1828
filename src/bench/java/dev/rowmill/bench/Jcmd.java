package dev.rowmill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sends commands to another JVM by the JDK's {@code jcmd}. */
final class Jcmd {

  private Jcmd() {}

  /**
   * Sends a command, and returns its output.
   *
   * @throws SkippedException when the tests don't run on a JDK
   */
  static String run(long pid, String command)
      throws IOException, InterruptedException, SkippedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(jcmd)) {
      throw new SkippedException("jcmd of a JDK is required, and " + jcmd + " does not exist");
    }
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException("jcmd failed: " + output);
    }
    return output;
  }
}
