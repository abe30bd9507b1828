package dev.rowmill.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Stores files in a local directory. Follows no symbolic link below the configured one. */
final class DirectoryTarget implements ExportTarget {

  private final Path directory;
  private final String place;

  private DirectoryTarget(Path directory, String place) {
    this.directory = directory;
    this.place = place;
  }

  /**
   * Creates the directory of a batch.
   *
   * @param root the configured directory, which exists
   * @param path its path below it
   * @throws NotDirectoryException if a part of the path is a symbolic link or a file
   */
  static DirectoryTarget create(Path root, String path) throws IOException {
    Path at = root;
    for (Path part : Path.of(path)) {
      Path below = at.resolve(part);
      if (!isDirectory(below)) {
        if (Files.exists(below, LinkOption.NOFOLLOW_LINKS)) {
          throw new NotDirectoryException(below.toString());
        }
        // Another lane may create it at the same time.
        Files.createDirectories(below);
      }
      // Who has created it may have stopped before this.
      sync(at);
      at = below;
    }
    return new DirectoryTarget(at, path);
  }

  /**
   * Finds the directory of a batch.
   *
   * @throws NotDirectoryException if a part of the path is no directory
   */
  static DirectoryTarget find(Path root, String path) throws NotDirectoryException {
    Path at = root;
    for (Path part : Path.of(path)) {
      at = at.resolve(part);
      if (!isDirectory(at)) {
        throw new NotDirectoryException(at.toString());
      }
    }
    return new DirectoryTarget(at, path);
  }

  /** Returns whether each existing part of a path is a directory, and no symbolic link. */
  static boolean isPossible(Path root, String path) {
    Path at = root;
    for (Path part : Path.of(path)) {
      at = at.resolve(part);
      if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
        return true;
      }
      if (!isDirectory(at)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public String place() {
    return place;
  }

  @Override
  public String description() {
    return "the directory " + place;
  }

  @Override
  public NewFile create() throws IOException {
    // Unlike createTempFile, this follows the umask, so that others may read the files.
    Path path = directory.resolve(".part-" + UUID.randomUUID() + ".tmp");
    FileChannel file =
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    return new NewFile() {
      @Override
      public OutputStream stream() {
        return Channels.newOutputStream(file);
      }

      @Override
      public long publish(String name) throws IOException {
        file.force(true);
        Files.move(
            path,
            directory.resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        sync(directory);
        return file.size();
      }

      @Override
      public void close() throws IOException {
        file.close();
        Files.deleteIfExists(path);
      }
    };
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  @Override
  public InputStream read(String name) throws IOException {
    return Files.newInputStream(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public Map<String, Long> files() throws IOException {
    Map<String, Long> files = new LinkedHashMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        files.put(entry.getFileName().toString(), Files.size(entry));
      }
    }
    return files;
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }
}
