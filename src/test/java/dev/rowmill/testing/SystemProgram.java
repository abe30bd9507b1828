package dev.rowmill.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Finds programs of the system that some tests need. */
public final class SystemProgram {

  private SystemProgram() {}

  /**
   * Skips the test if a program is not installed; in CI the test fails instead.
   *
   * @param name name of the program, as on the command line
   * @return its path
   */
  public static String demand(String name) {
    // Servers are in a folder that the PATH of users other than root omits.
    String folders = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
    Optional<Path> found =
        Stream.of(folders.split(File.pathSeparator))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(name + " is not installed");
    }
    Assumptions.assumeTrue(found.isPresent(), name + " is not installed");
    return found.orElseThrow().toString();
  }
}
