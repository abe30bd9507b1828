package dev.rowmill.sql.parse;

/**
 * Represents a part of a statement's text.
 *
 * @param start offset of the first character
 * @param end offset after the last character
 */
public record TextSpan(int start, int end) {

  /** Returns the characters of this part. */
  String of(String sql) {
    return sql.substring(start, end);
  }
}
