package dev.rowmill.sql;

import dev.rowmill.sql.Token.Kind;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Cuts a statement into tokens as MySQL does with neither ANSI_QUOTES nor NO_BACKSLASH_ESCAPES in
 * its sql_mode. Whatever two readers could disagree about, comments above all, is refused here, so
 * that everything behind this class may rely on the tokens.
 */
final class SqlLexer {

  private static final List<String> SYMBOLS =
      List.of("->>", "<=>", "->", "<<", ">>", "<=", ">=", "<>", "!=", "&&", "||");
  private static final String SINGLE_SYMBOLS = "().,=<>+-*/%&|^~!";
  private static final Pattern NUMBER = Pattern.compile("\\d+|0x[0-9a-fA-F]+|0b[01]+|\\d+[eE]\\d+");
  private static final Pattern EXPONENT_TO_COME = Pattern.compile("\\d+[eE]");

  private final String sql;
  private final Set<Reason> reasons;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private SqlLexer(String sql, Set<Reason> reasons) {
    this.sql = sql;
    this.reasons = reasons;
  }

  /**
   * @param reasons what is refused is added here
   */
  static List<Token> read(String sql, Set<Reason> reasons) {
    SqlLexer lexer = new SqlLexer(sql, reasons);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else if (c < ' ' || c == 0x7f || loneSurrogate(at)) {
        refuse("control-character", "code", String.format("U+%04X", (int) c));
        at++;
      } else if (comment(c)) {
        reasons.add(Reason.of("comment"));
      } else if (c == '\'' || c == '"' || c == '`') {
        quoted(at, c);
      } else if ("nNxXbB".indexOf(c) >= 0 && peek(1) == '\'' && !afterDot()) {
        quoted(at++, '\'');
      } else if (c == '.' && digit(peek(1)) && !afterIdentifier()) {
        fraction(at);
      } else if (identifierPart(c)) {
        word();
      } else {
        symbol(c);
      }
    }
  }

  private boolean comment(char c) {
    if (c == '#' || (c == '-' && peek(1) == '-' && endsDashes(peek(2)))) {
      while (at < sql.length() && sql.charAt(at) != '\n') {
        at++;
      }
      return true;
    }
    if (c == '/' && peek(1) == '*') {
      int close = sql.indexOf("*/", at + 2);
      at = close < 0 ? sql.length() : close + 2;
      return true;
    }
    return false;
  }

  /** Two dashes begin a comment only before white space, a control character or the end. */
  private static boolean endsDashes(char c) {
    return c <= ' ' || c == 0x7f;
  }

  private void quoted(int start, char quote) {
    StringBuilder name = new StringBuilder();
    for (int i = at + 1; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == '\\' && quote != '`') {
        i++;
      } else if (c == quote) {
        if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
          i++;
        } else {
          at = i + 1;
          add(quote == '`' ? Kind.NAME : Kind.STRING, start, name.toString());
          return;
        }
      } else if (loneSurrogate(i) || (quote == '`' && c == 0)) {
        refuse("control-character", "code", String.format("U+%04X", (int) c));
      }
      name.append(c);
    }
    refuse("unclosed-quote", "near", near(sql, start));
    at = sql.length();
  }

  private void word() {
    int start = at;
    while (at < sql.length() && identifierPart(sql.charAt(at))) {
      at++;
    }
    String text = sql.substring(start, at);
    if (afterDot()) {
      add(Kind.NAME, start, text);
    } else if (EXPONENT_TO_COME.matcher(text).matches()
        && "+-".indexOf(peek(0)) >= 0
        && digit(peek(1))) {
      at++;
      digits();
      add(Kind.NUMBER, start, "");
    } else if (NUMBER.matcher(text).matches()) {
      if (peek(0) == '.' && text.chars().allMatch(c -> digit((char) c))) {
        fraction(start);
      } else {
        add(Kind.NUMBER, start, "");
      }
    } else {
      add(Kind.WORD, start, text);
    }
  }

  /** From the decimal point on. */
  private void fraction(int start) {
    at++;
    digits();
    boolean signed = "+-".indexOf(peek(1)) >= 0 && digit(peek(2));
    if ("eE".indexOf(peek(0)) >= 0 && (digit(peek(1)) || signed)) {
      at += signed ? 2 : 1;
      digits();
    }
    add(Kind.NUMBER, start, "");
  }

  private void digits() {
    while (digit(peek(0))) {
      at++;
    }
  }

  private void symbol(char c) {
    int start = at;
    if (c == '@' || (c == ':' && peek(1) == '=')) {
      reasons.add(Reason.of("user-variable"));
      at += c == ':' ? 2 : 1;
      return;
    }
    if (c == '?') {
      reasons.add(Reason.of("placeholder"));
      at++;
      return;
    }
    if (c == ';') {
      at++;
      if (!sql.substring(at).isBlank()) {
        reasons.add(Reason.of("stacked-statements"));
        at = sql.length();
      }
      return;
    }
    if (c == ':' && parameterStart(peek(1))) {
      at++;
      while (parameterStart(peek(0)) || digit(peek(0))) {
        at++;
      }
      add(Kind.PARAMETER, start, sql.substring(start + 1, at));
      return;
    }
    for (String symbol : SYMBOLS) {
      if (sql.startsWith(symbol, at)) {
        at += symbol.length();
        add(Kind.SYMBOL, start, "");
        return;
      }
    }
    at++;
    if (SINGLE_SYMBOLS.indexOf(c) >= 0) {
      add(Kind.SYMBOL, start, "");
    } else {
      reasons.add(notUnderstood(sql, start));
    }
  }

  private void add(Kind kind, int start, String name) {
    if (kind == Kind.NUMBER && at < sql.length() && identifierPart(sql.charAt(at))) {
      // Some servers take 1.e( for a parenthesis, and 1.5x for two words.
      reasons.add(notUnderstood(sql, start));
    }
    tokens.add(new Token(kind, sql.substring(start, at), name, start, at));
  }

  private void refuse(String code, String argument, String value) {
    reasons.add(Reason.of(code, argument, value));
  }

  private boolean afterDot() {
    return !tokens.isEmpty() && tokens.get(tokens.size() - 1).isSymbol(".");
  }

  private boolean afterIdentifier() {
    return !tokens.isEmpty()
        && tokens.get(tokens.size() - 1).isIdentifier()
        && tokens.get(tokens.size() - 1).end() == at;
  }

  /** NUL, which no token holds, stands for the end. */
  private char peek(int ahead) {
    return at + ahead < sql.length() ? sql.charAt(at + ahead) : 0;
  }

  private boolean loneSurrogate(int index) {
    char c = sql.charAt(index);
    if (Character.isHighSurrogate(c)) {
      return index + 1 >= sql.length() || !Character.isLowSurrogate(sql.charAt(index + 1));
    }
    return Character.isLowSurrogate(c)
        && (index == 0 || !Character.isHighSurrogate(sql.charAt(index - 1)));
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean parameterStart(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean identifierPart(char c) {
    return parameterStart(c) || digit(c) || c == '$' || c >= 0x80;
  }

  static Reason notUnderstood(String sql, int offset) {
    return new Reason(
        "not-understood", Map.of("position", Integer.toString(offset), "near", near(sql, offset)));
  }

  /** The text from an offset on, short enough for a message. */
  static String near(String sql, int offset) {
    int start = Math.min(offset, sql.length());
    return sql.substring(start, Math.min(sql.length(), start + 40));
  }
}
