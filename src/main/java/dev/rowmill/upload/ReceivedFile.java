package dev.rowmill.upload;

import dev.rowmill.task.Refusal;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/**
 * Counts the bytes of a file, and limits them and the time to wait for them. So a slow client can't
 * hold a slot for long. The time that the service itself takes does not count. For one thread.
 */
final class ReceivedFile extends FilterInputStream {

  private final UploadConfig config;
  private final Clock clock;
  private long bytes;

  /** Counts the bytes of the current part, which must come within the limit of time. */
  private long part;

  private Duration waited = Duration.ZERO;

  ReceivedFile(InputStream in, UploadConfig config, Clock clock) {
    super(in);
    this.config = config;
    this.clock = clock;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    var begun = clock.instant();
    int read = super.read(into, offset, length);
    count(Math.max(0, read), Duration.between(begun, clock.instant()));
    return read;
  }

  private void count(int read, Duration time) throws IOException {
    bytes += read;
    if (bytes > config.maxBytes()) {
      throw new Refusal("body-too-large", Map.of());
    }
    part += read;
    waited = waited.plus(time);
    if (part >= config.minRate() * config.idleTimeout().toSeconds()) {
      part = 0;
      waited = Duration.ZERO;
    } else if (waited.compareTo(config.idleTimeout()) > 0) {
      throw new IOException("the client is too slow");
    }
  }
}
