package dev.rowmill.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Creates local files that have no name any more once they are open, so nothing is left of them
 * when they are closed, or the process ends. Thread-safe.
 */
public final class TemporaryFiles {

  private TemporaryFiles() {}

  /**
   * Creates a file to write and to read.
   *
   * @param use what the file is for, in its name
   */
  public static FileChannel create(String use) throws IOException {
    Path path = Files.createTempFile("rowmill-" + use + "-", ".tmp");
    return FileChannel.open(
        path,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }
}
