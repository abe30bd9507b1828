package dev.rowmill.sql.table;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The value of a key's column in one row.
 *
 * @param text the value, or in hexadecimal digits the bytes that it is stored as
 * @param bytes whether the text tells bytes, since these are no characters that Unicode has
 */
public record KeyValue(String text, boolean bytes) {

  /** What Java and the driver make of bytes that are no character. */
  private static final char UNKNOWN = '\uFFFD';

  public static KeyValue text(String text) {
    return new KeyValue(text, false);
  }

  static KeyValue bytes(String digits) {
    return new KeyValue(digits, true);
  }

  /** The value that UTF-8 tells, where it is UTF-8: MariaDB stores halves of surrogate pairs. */
  static KeyValue ofUtf8(String digits) {
    try {
      return text(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(HexFormat.of().parseHex(digits)))
              .toString());
    } catch (CharacterCodingException e) {
      return bytes(digits);
    }
  }

  /** The value of a text that may have come through a conversion with losses. */
  static KeyValue of(String text, String digits) {
    return text.indexOf(UNKNOWN) < 0 ? text(text) : bytes(digits);
  }

  /** The bytes of the value in UTF-8. */
  String utf8() {
    return bytes ? text : HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The value as people read it. */
  @Override
  public String toString() {
    return bytes ? "0x" + text : text;
  }
}
