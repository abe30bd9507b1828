package dev.rowmill.upload;

import dev.rowmill.files.TemporaryFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Receives files whole, before they are read. Thread-safe. */
final class WholeFile {

  private static final int BUFFER = 1 << 16;

  private WholeFile() {}

  /**
   * Returns a temporary file with all bytes of a stream.
   *
   * @throws IOException if they are not received completely
   * @throws UncheckedIOException if the file can't be written
   */
  static FileChannel of(InputStream stream) throws IOException {
    FileChannel into = temporary();
    boolean complete = false;
    try {
      byte[] buffer = new byte[BUFFER];
      for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
        write(into, ByteBuffer.wrap(buffer, 0, read));
      }
      complete = true;
      return into;
    } finally {
      if (!complete) {
        into.close();
      }
    }
  }

  private static FileChannel temporary() {
    try {
      return TemporaryFiles.create("upload");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file can be made", e);
    }
  }

  private static void write(FileChannel into, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        into.write(bytes);
      }
    } catch (IOException e) {
      // It is not the client's fault, as a failure to read would be.
      throw new UncheckedIOException("the temporary file can't be written", e);
    }
  }
}
