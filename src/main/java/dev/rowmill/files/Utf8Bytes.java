package dev.rowmill.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Checks the encoding of texts that old tables hold. Stateless. */
final class Utf8Bytes {

  private Utf8Bytes() {}

  static boolean isValid(byte[] text) {
    boolean ascii = true;
    for (byte each : text) {
      ascii &= each >= 0;
    }
    if (ascii) {
      return true;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Returns the text with replacements for what is not UTF-8. */
  static byte[] valid(byte[] text) {
    return isValid(text)
        ? text
        : new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
  }
}
