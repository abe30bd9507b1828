package dev.rowmill.sql;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a statement says.
 *
 * @param sql the original text
 * @param target the table that it changes
 * @param walked the table that it goes through row by row: the target, or the source of an INSERT
 * @param alias of the walked table
 * @param assigned the columns that get values
 * @param selected of an INSERT, in their order: the names of the columns that it takes as they are,
 *     empty for any other expression
 * @param where index of the first token of the top-level condition, or -1
 * @param subqueryTables every table named in a subquery, names of WITH included
 * @param withNames the names that WITH clauses define
 * @param functions that it calls and that are none of the server's own, as they are written
 */
record Reading(
    String sql,
    Kind kind,
    List<Token> tokens,
    TableName target,
    TableName walked,
    @Nullable String alias,
    List<String> assigned,
    List<String> selected,
    int where,
    Set<TableName> subqueryTables,
    Set<String> withNames,
    Set<String> functions) {

  enum Kind {
    UPDATE,
    DELETE,
    INSERT,
    /** A check, which names all its tables as subqueries do. */
    SELECT
  }

  /** What may stand before a parenthesis without being the name of a function. */
  private static final Set<String> NO_FUNCTIONS =
      Set.of(
          "AND", "BETWEEN", "BINARY", "CASE", "DIV", "ELSE", "IN", "IS", "LIKE", "MOD", "NOT", "OR",
          "REGEXP", "RLIKE", "THEN", "WHEN", "XOR");

  private static final Set<String> NOT_OF_THE_ROW =
      Set.of(
          "CURRENT_DATE",
          "CURRENT_TIME",
          "CURRENT_TIMESTAMP",
          "LOCALTIME",
          "LOCALTIMESTAMP",
          "NEXT",
          "SELECT",
          "SYSDATE",
          "UTC_DATE",
          "UTC_TIME",
          "UTC_TIMESTAMP");

  /**
   * Whether the condition certainly says the same of a row a moment later, and on another
   * connection, as long as the row is the same. Any function may say something else.
   */
  boolean isOfRowAlone() {
    for (int i = where; i >= 0 && i < tokens.size(); i++) {
      Token token = tokens.get(i);
      String word = token.text().toUpperCase(Locale.ROOT);
      boolean called =
          token.isIdentifier()
              && TokenCursor.at(tokens, i + 1).isSymbol("(")
              && !(token.kind() == Token.Kind.WORD && NO_FUNCTIONS.contains(word));
      if (called || (token.kind() == Token.Kind.WORD && NOT_OF_THE_ROW.contains(word))) {
        return false;
      }
    }
    return true;
  }
}
