package dev.rowmill.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decodes UTF-8 strictly, and counts lines. A byte order mark at the beginning is left out. For one
 * thread.
 */
final class Utf8Reader extends Reader {

  private static final int BUFFER = 1 << 16;
  private static final char MARK = '\uFEFF';

  private final InputStream bytes;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER).flip();
  private final CharBuffer out = CharBuffer.allocate(BUFFER).flip();
  private boolean ended;
  private boolean begun;

  /** Counts the line breaks before the end of the decoded characters. */
  private long breaks;

  /** Holds the error behind the decoded characters. */
  private @Nullable BrokenFileException broken;

  Utf8Reader(InputStream bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    while (!out.hasRemaining()) {
      if (broken != null) {
        throw broken;
      }
      if (!decode()) {
        return -1;
      }
    }
    int count = Math.min(length, out.remaining());
    out.get(into, offset, count);
    return count;
  }

  /**
   * Reads a line without its line break; null at the end.
   *
   * @param most maximum number of characters
   * @param number number of the line, for errors
   */
  @Nullable String readLine(int most, long number) throws IOException {
    StringBuilder line = new StringBuilder();
    boolean any = false;
    while (true) {
      int next = read();
      if (next < 0) {
        return any ? line.toString() : null;
      }
      any = true;
      if (next == '\n') {
        int end = line.length();
        if (end > 0 && line.charAt(end - 1) == '\r') {
          line.setLength(end - 1);
        }
        return line.toString();
      }
      if (line.length() == most) {
        throw new BrokenFileException(number, "the line has more than " + most + " characters");
      }
      line.append((char) next);
    }
  }

  @Override
  public int read() throws IOException {
    while (!out.hasRemaining()) {
      if (broken != null) {
        throw broken;
      }
      if (!decode()) {
        return -1;
      }
    }
    return out.get();
  }

  /** Decodes more characters, and returns whether there may be some. */
  private boolean decode() throws IOException {
    if (ended && !in.hasRemaining()) {
      return false;
    }
    in.compact();
    if (!ended) {
      int read = bytes.read(in.array(), in.position(), in.remaining());
      ended = read < 0;
      in.position(in.position() + Math.max(0, read));
    }
    in.flip();
    out.clear();
    CoderResult result = decoder.decode(in, out, ended);
    out.flip();
    for (int i = 0; i < out.limit(); i++) {
      breaks += out.get(i) == '\n' ? 1 : 0;
    }
    if (result.isError()) {
      broken = new BrokenFileException(breaks + 1, "the line is not valid UTF-8");
    }
    if (!begun && out.hasRemaining()) {
      begun = true;
      if (out.get(0) == MARK) {
        out.get();
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }
}
