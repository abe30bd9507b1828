package dev.rowmill.upload;

import java.io.FilterInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Reads the file of an upload, and stores now and then that the upload is alive, also while no rows
 * of it are stored. For one thread.
 */
final class AliveUpload extends FilterInputStream {

  /** Is far shorter than the time after which an upload counts as dead. */
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final ReceivedFile file;
  private final Uploads uploads;
  private final long id;
  private final Clock clock;
  private Instant seen;
  private long lines;

  AliveUpload(ReceivedFile file, Uploads uploads, long id, Clock clock) {
    super(file);
    this.file = file;
    this.uploads = uploads;
    this.id = id;
    this.clock = clock;
    seen = clock.instant();
  }

  long id() {
    return id;
  }

  long bytes() {
    return file.bytes();
  }

  long lines() {
    return lines;
  }

  /** Counts a line. */
  void line() {
    lines++;
    see();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    see();
    return read;
  }

  private void see() {
    Instant now = clock.instant();
    if (Duration.between(seen, now).compareTo(INTERVAL) > 0) {
      seen = now;
      uploads.alive(id, lines, file.bytes());
    }
  }
}
