package dev.rowmill.upload;

import dev.rowmill.task.Refusal;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Counts the bytes of a file, and limits them. For one thread. */
final class ReceivedFile extends FilterInputStream {

  private final long most;
  private long bytes;

  ReceivedFile(InputStream in, long most) {
    super(in);
    this.most = most;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    count(read < 0 ? 0 : 1);
    return read;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    count(Math.max(0, read));
    return read;
  }

  private void count(int read) {
    bytes += read;
    if (bytes > most) {
      throw new Refusal("body-too-large", Map.of());
    }
  }
}
