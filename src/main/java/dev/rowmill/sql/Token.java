package dev.rowmill.sql;

/**
 * One piece of a statement's text.
 *
 * @param text as written
 * @param name of an identifier without its quotes, of a parameter without its colon
 * @param start offset of the first character
 * @param end offset behind the last character
 */
record Token(Kind kind, String text, String name, int start, int end) {

  enum Kind {
    /** A bare word: a keyword or an identifier. */
    WORD,
    /** A name that can't be a keyword: in backticks, or behind a dot. */
    NAME,
    STRING,
    NUMBER,
    PARAMETER,
    SYMBOL
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equalsIgnoreCase(word);
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  boolean isIdentifier() {
    return kind == Kind.WORD || kind == Kind.NAME;
  }
}
