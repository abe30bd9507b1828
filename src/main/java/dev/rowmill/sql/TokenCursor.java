package dev.rowmill.sql;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A place in a statement's tokens, and the steps that a reader takes from it. */
abstract class TokenCursor {

  private static final Token NONE = new Token(Token.Kind.SYMBOL, "", "", 0, 0);

  protected static final Set<String> JOINS =
      words("JOIN INNER CROSS LEFT RIGHT NATURAL STRAIGHT_JOIN USING FULL");

  /** What ends an expression outside of parentheses. */
  private static final Set<String> CLAUSES =
      words(
          "WHERE ORDER LIMIT RETURNING GROUP HAVING UNION INTERSECT EXCEPT INTO FOR LOCK ON FROM"
              + " WINDOW PROCEDURE");

  /** What can't be an alias, either. */
  private static final Set<String> AFTER_TABLE = words("SET USE FORCE IGNORE PARTITION");

  protected final List<Token> tokens;
  protected int at;

  TokenCursor(List<Token> tokens) {
    this.tokens = tokens;
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" "));
  }

  /** The token at an index, or one that is like no other outside of the text. */
  static Token at(List<Token> tokens, int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i) : NONE;
  }

  /** What ends the reading of a skeleton that makes no sense from here on. */
  static final class Lost extends Exception {
    protected static final long serialVersionUID = 1L;
  }

  protected TableName tableName() throws Lost {
    String name = identifier();
    return takeSymbol(".") ? new TableName(name, identifier()) : new TableName(null, name);
  }

  /** Goes to the next comma or clause outside of parentheses. */
  protected void expression() throws Lost {
    int start = at;
    while (at < tokens.size()) {
      Token token = tokens.get(at);
      if (token.isSymbol("(")) {
        skipParentheses();
        continue;
      }
      if (token.isSymbol(",") || (token.kind() == Token.Kind.WORD && ends(at))) {
        break;
      }
      at++;
    }
    if (at == start) {
      throw new Lost();
    }
  }

  private boolean ends(int index) {
    String word = upper(tokens.get(index));
    if (word.equals("FOR") && at(tokens, index - 1).isWord("VALUE")) {
      return false;
    }
    return CLAUSES.contains(word);
  }

  protected void skipParentheses() {
    int depth = 0;
    do {
      Token token = tokens.get(at++);
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
    } while (depth > 0);
  }

  protected String column() throws Lost {
    String name = identifier();
    while (takeSymbol(".")) {
      name = identifier();
    }
    return name;
  }

  protected String identifier() throws Lost {
    Token token = at(tokens, at);
    if (!token.isIdentifier()) {
      throw new Lost();
    }
    at++;
    return token.name();
  }

  protected boolean word(String word) {
    return at(tokens, at).isWord(word);
  }

  protected boolean take(String word) {
    boolean found = word(word);
    at += found ? 1 : 0;
    return found;
  }

  protected boolean takeSymbol(String symbol) {
    boolean found = at(tokens, at).isSymbol(symbol);
    at += found ? 1 : 0;
    return found;
  }

  protected void expect(String word) throws Lost {
    if (!take(word)) {
      throw new Lost();
    }
  }

  protected static boolean reserved(Token token) {
    return token.kind() == Token.Kind.WORD
        && (CLAUSES.contains(upper(token))
            || AFTER_TABLE.contains(upper(token))
            || JOINS.contains(upper(token)));
  }

  protected static String upper(Token token) {
    return token.text().toUpperCase(Locale.ROOT);
  }
}
