package dev.rowmill.rest.http;

import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Reads a request's body, up to a size. Stateless. */
public final class RequestBytes {

  /** Bytes. */
  static final int MOST = 1024 * 1024;

  private RequestBytes() {}

  /**
   * @throws InvalidRequestException when it does not come to its end
   * @throws Refusal when there are too many; of a body whose length was not declared, that is seen
   *     only here
   */
  public static byte[] of(InputStream body) {
    try {
      byte[] read = body.readNBytes(MOST + 1);
      if (read.length > MOST) {
        throw new Refusal(ProblemType.BODY_TOO_LARGE.code(), Map.of());
      }
      return read;
    } catch (IOException e) {
      // The client has hung up, or was hung up on for taking too long.
      throw new InvalidRequestException("", Reason.of("missing-body"));
    }
  }
}
