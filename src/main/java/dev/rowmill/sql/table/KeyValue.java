package dev.rowmill.sql.table;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Holds the value of a key's column in one row.
 *
 * @param text the value, or the hexadecimal digits of its stored bytes
 * @param bytes whether the text holds bytes, since they are no Unicode characters
 */
public record KeyValue(String text, boolean bytes) {

  /** Replaces invalid bytes in text that Java or the driver decoded. */
  private static final char UNKNOWN = '\uFFFD';

  public static KeyValue text(String text) {
    return new KeyValue(text, false);
  }

  static KeyValue bytes(String digits) {
    return new KeyValue(digits, true);
  }

  /**
   * Returns the value of UTF-8 bytes; as bytes if they are invalid, since MariaDB stores halves of
   * surrogate pairs.
   */
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

  /** Returns the value of a text that may have been converted with losses. */
  static KeyValue of(String text, String digits) {
    return text.indexOf(UNKNOWN) < 0 ? text(text) : bytes(digits);
  }

  /** Returns the bytes of the value in UTF-8, as hexadecimal digits. */
  String utf8() {
    return bytes ? text : HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  boolean isAscii() {
    return text.chars().allMatch(character -> character < 0x80);
  }

  /** Returns the value as readable text. */
  @Override
  public String toString() {
    return bytes ? "0x" + text : text;
  }
}
