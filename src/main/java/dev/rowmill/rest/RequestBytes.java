package dev.rowmill.rest;

import dev.rowmill.task.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** Reads a request's body, up to a size. Stateless. */
final class RequestBytes {

  /** Bytes. */
  static final int MOST = 1024 * 1024;

  private RequestBytes() {}

  /**
   * @throws Refusal when there are too many; of a body whose length was not declared, that is seen
   *     only here
   */
  static byte[] of(InputStream body) {
    try {
      byte[] read = body.readNBytes(MOST + 1);
      if (read.length > MOST) {
        throw new Refusal(ProblemType.BODY_TOO_LARGE.code(), Map.of());
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException("the body can't be read to its end", e);
    }
  }
}
