package dev.rowmill.sql.table;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Estimates a value between two others of a key's column, as if values were spread evenly. Any
 * estimate is allowed: callers search for the row next to it. Stateless.
 */
final class ValueBetween {

  /**
   * Lists the characters of texts in the order that nearly all collations share. The first one
   * stands for the end of a text and for all that sort before a digit.
   */
  private static final String SYMBOLS = " 0123456789abcdefghijklmnopqrstuvwxyz";

  private static final BigInteger BASE = BigInteger.valueOf(SYMBOLS.length());

  /** Sets how many characters are used after those that both texts begin with. */
  private static final int LENGTH = 12;

  private ValueBetween() {}

  /**
   * Returns a value at a fraction of the distance between two whole numbers.
   *
   * @param part numerator of the fraction, from 1 to one less than {@code parts}
   * @param parts denominator
   */
  static KeyValue numbers(KeyValue low, KeyValue high, int part, int parts) {
    return KeyValue.text(
        between(new BigInteger(low.text()), new BigInteger(high.text()), part, parts).toString());
  }

  /** Returns the same for two values of bytes, as hexadecimal digits of the longer one's length. */
  static KeyValue bytes(KeyValue low, KeyValue high, int part, int parts) {
    byte[] from = HexFormat.of().parseHex(low.text());
    byte[] to = HexFormat.of().parseHex(high.text());
    int length = Math.max(from.length, to.length);
    BigInteger middle =
        between(
            new BigInteger(1, Arrays.copyOf(from, length)),
            new BigInteger(1, Arrays.copyOf(to, length)),
            part,
            parts);
    String digits = middle.toString(16).toUpperCase(Locale.ROOT);
    return KeyValue.text("0".repeat(Math.max(0, 2 * length - digits.length())) + digits);
  }

  /**
   * Returns the same for two texts: what both begin with, followed by digits and letters of ASCII.
   *
   * @return empty if the characters that differ are no such digits and letters
   */
  static Optional<KeyValue> texts(KeyValue low, KeyValue high, int part, int parts) {
    int common = 0;
    int shorter = Math.min(low.text().length(), high.text().length());
    while (common < shorter && low.text().charAt(common) == high.text().charAt(common)) {
      common++;
    }
    if (common > 0 && Character.isHighSurrogate(low.text().charAt(common - 1))) {
      common--;
    }
    BigInteger from = number(low.text(), common);
    BigInteger to = number(high.text(), common);
    if (from.compareTo(to) >= 0) {
      return Optional.empty();
    }
    String rest = text(between(from, to, part, parts));
    String both = low.text() + high.text();
    boolean upper = both.chars().anyMatch(Character::isUpperCase);
    boolean lower = both.chars().anyMatch(Character::isLowerCase);
    // A collation may distinguish them.
    String inCase = upper && !lower ? rest.toUpperCase(Locale.ROOT) : rest;
    return Optional.of(KeyValue.text(low.text().substring(0, common) + inCase));
  }

  private static BigInteger between(BigInteger low, BigInteger high, int part, int parts) {
    return low.add(
        high.subtract(low).multiply(BigInteger.valueOf(part)).divide(BigInteger.valueOf(parts)));
  }

  private static BigInteger number(String text, int from) {
    BigInteger number = BigInteger.ZERO;
    for (int i = from; i < from + LENGTH; i++) {
      int symbol = i < text.length() ? symbol(text.charAt(i)) : 0;
      number = number.multiply(BASE).add(BigInteger.valueOf(symbol));
    }
    return number;
  }

  private static int symbol(char character) {
    int symbol = character < 0x80 ? SYMBOLS.indexOf(Character.toLowerCase(character)) : -1;
    if (symbol >= 0) {
      return symbol;
    }
    if (character > 'z') {
      return SYMBOLS.length() - 1;
    }
    return character > '9' ? SYMBOLS.indexOf('9') : 0;
  }

  /** Returns the text of a number, up to the first character that sorts before a digit. */
  private static String text(BigInteger number) {
    StringBuilder reversed = new StringBuilder();
    BigInteger left = number;
    for (int i = 0; i < LENGTH; i++) {
      BigInteger[] divided = left.divideAndRemainder(BASE);
      reversed.append(SYMBOLS.charAt(divided[1].intValue()));
      left = divided[0];
    }
    String text = reversed.reverse().toString();
    int end = text.indexOf(SYMBOLS.charAt(0));
    return end < 0 ? text : text.substring(0, end);
  }
}
