package dev.rowmill.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Represents a directory of this JVM's tests, which deletes it when it is closed. Its name contains
 * the process id of the JVM. So the next run deletes it if the JVM was killed.
 *
 * <p>Immutable.
 */
public record RunDirectory(Path path) implements AutoCloseable {

  /**
   * Creates an empty directory, and deletes those of the same kind whose JVM has ended.
   *
   * @param kind first part of the directory's name
   */
  public static RunDirectory create(Path parent, String kind) throws IOException {
    Files.createDirectories(parent);
    for (Path left : left(parent, kind)) {
      deleteLeft(left, kind);
    }
    return new RunDirectory(named(parent, kind));
  }

  private static Path named(Path parent, String kind) throws IOException {
    // A random name, because the class may be loaded twice, and counters would then collide.
    return Files.createTempDirectory(parent, kind + "-" + ProcessHandle.current().pid() + "-");
  }

  private static List<Path> left(Path parent, String kind) throws IOException {
    Pattern name = Pattern.compile(Pattern.quote(kind) + "-(\\d+)-.*");
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .filter(
              child -> {
                Matcher matcher = name.matcher(child.getFileName().toString());
                return matcher.matches() && !isAlive(matcher.group(1));
              })
          .toList();
    }
  }

  private static void deleteLeft(Path left, String kind) throws IOException {
    try {
      if (isUsed(left)) {
        return;
      }
      // Another JVM may find the same directory; only one of them can move it.
      Path own = named(left.resolveSibling(""), kind);
      Files.move(left, own, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      delete(own);
    } catch (NoSuchFileException e) {
      // Another JVM deletes it.
    }
  }

  /** Returns whether a process runs in the directory, such as a server that still shuts down. */
  private static boolean isUsed(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".pid")).toList()) {
        if (isAlive(Files.readString(file).strip())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAlive(String pid) {
    return pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isPresent();
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(path)) {
      delete(path);
    }
  }
}
