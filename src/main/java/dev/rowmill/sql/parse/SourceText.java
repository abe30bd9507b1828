package dev.rowmill.sql.parse;

import dev.rowmill.task.Refusal.Reason;
import java.util.Map;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;

/** Finds the characters of tokens and parts of the tree in the text of a statement. Immutable. */
final class SourceText {

  private static final int LONGEST_NEAR = 40;

  private final String sql;

  /**
   * Stores the offset of each code point, since the lexer counts these, and the length at the end.
   */
  private final int[] offsets;

  SourceText(String sql) {
    this.sql = sql;
    offsets = new int[sql.codePointCount(0, sql.length()) + 1];
    int at = 0;
    for (int i = 0; i < offsets.length - 1; i++) {
      offsets[i] = at;
      at += Character.charCount(sql.codePointAt(at));
    }
    offsets[offsets.length - 1] = sql.length();
  }

  String sql() {
    return sql;
  }

  TextSpan span(Token token) {
    return new TextSpan(offsets[token.getStartIndex()], offsets[token.getStopIndex() + 1]);
  }

  TextSpan span(ParserRuleContext part) {
    return new TextSpan(
        offsets[part.getStart().getStartIndex()], offsets[part.getStop().getStopIndex() + 1]);
  }

  /** Returns the characters of a part of the tree. */
  String of(ParserRuleContext part) {
    return span(part).of(sql);
  }

  /** Returns the text from a token on, shortened for a message. */
  String near(Token token) {
    int start = token.getType() == Token.EOF ? sql.length() : span(token).start();
    return sql.substring(start, Math.min(sql.length(), start + LONGEST_NEAR));
  }

  /** Returns the reason for a token that is outside the grammar. */
  Reason notUnderstood(Token token) {
    int start = token.getType() == Token.EOF ? sql.length() : span(token).start();
    return notUnderstood(start, near(token));
  }

  Reason notUnderstood(ParserRuleContext part) {
    return notUnderstood(span(part).start(), of(part));
  }

  private static Reason notUnderstood(int start, String near) {
    return new Reason("not-understood", Map.of("position", Integer.toString(start), "near", near));
  }
}
