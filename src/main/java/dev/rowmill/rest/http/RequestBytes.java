package dev.rowmill.rest.http;

import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Reads a request's body up to a maximum size. Stateless. */
public final class RequestBytes {

  /** Limits the size of a body, in bytes. */
  static final int MOST = 1024 * 1024;

  private RequestBytes() {}

  /**
   * Reads a body to its end.
   *
   * @throws InvalidRequestException when the body is incomplete
   * @throws Refusal when the body is too large; this detects bodies whose length was not declared
   */
  public static byte[] of(InputStream body) {
    try {
      byte[] read = body.readNBytes(MOST + 1);
      if (read.length > MOST) {
        throw new Refusal(ProblemType.BODY_TOO_LARGE.code(), Map.of());
      }
      return read;
    } catch (IOException e) {
      // The client closed the connection, or took too long and was disconnected.
      throw new InvalidRequestException("", Reason.of("missing-body"));
    }
  }
}
