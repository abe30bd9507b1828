package dev.rowmill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Represents a Java development kit. */
record Jdk(Path home) {

  private static final Path USUAL_PLACE = Path.of("/usr/lib/jvm");

  /** Returns the JDK of this JVM. */
  static Jdk running() {
    return new Jdk(Path.of(System.getProperty("java.home")));
  }

  /** Finds JDK 25 by {@code testing.bench.jdk25}, or in the usual folder of Linux distributions. */
  static Optional<Jdk> jdk25() throws IOException {
    String given = System.getProperty("testing.bench.jdk25");
    if (given != null) {
      return Optional.of(new Jdk(Path.of(given)));
    }
    if (!Files.isDirectory(USUAL_PLACE)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(USUAL_PLACE)) {
      return homes.filter(Jdk::is25).sorted().findFirst().map(Jdk::new);
    }
  }

  private static boolean is25(Path home) {
    try {
      List<String> release = Files.readAllLines(home.resolve("release"));
      return release.stream().anyMatch(line -> line.startsWith("JAVA_VERSION=\"25"));
    } catch (IOException e) {
      // The folder also contains links and other folders.
      return false;
    }
  }

  String java() {
    return home.resolve("bin/java").toString();
  }
}
