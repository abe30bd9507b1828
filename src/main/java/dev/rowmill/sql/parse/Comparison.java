package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.grammar.SqlParser.ExpressionContext;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;

/**
 * Represents one condition of an expression, between its logical operators.
 *
 * @param parts terms and operators in the order of the text
 */
record Comparison(List<ParseTree> parts) {

  /** Returns the conditions of an expression. */
  static List<Comparison> of(ExpressionContext expression) {
    List<ParseTree> parts = expression.children;
    List<Comparison> comparisons = new ArrayList<>();
    int first = 0;
    for (int i = 0; i <= parts.size(); i++) {
      if (i == parts.size() || isLogical(parts, first, i)) {
        comparisons.add(new Comparison(parts.subList(first, i)));
        first = i + 1;
      }
    }
    return comparisons;
  }

  /** Returns whether an operator is between two conditions; the AND of a BETWEEN is not. */
  private static boolean isLogical(List<ParseTree> parts, int first, int i) {
    if (!(parts.get(i) instanceof SqlParser.OperatorContext operator)) {
      return false;
    }
    if (operator.AND() != null) {
      SqlParser.OperatorContext between = i - first == 3 ? operator(parts, i - 2) : null;
      return between == null || between.BETWEEN() == null;
    }
    return operator.OR() != null
        || operator.XOR() != null
        || operator.OR_SYMBOL() != null
        || operator.AND_SYMBOL() != null;
  }

  private static SqlParser.@Nullable OperatorContext operator(List<ParseTree> parts, int i) {
    return parts.get(i) instanceof SqlParser.OperatorContext operator ? operator : null;
  }

  /** Returns whether a part follows IN directly. */
  boolean isBehindIn(int i) {
    SqlParser.OperatorContext before = i == 0 ? null : operator(parts, i - 1);
    return before != null && before.IN() != null;
  }

  /** Returns the column that all other terms of a condition are directly compared with, or null. */
  @Nullable ColumnName column() {
    SqlParser.OperatorContext one = parts.size() < 3 ? null : operator(parts, 1);
    boolean between = parts.size() == 5 && one != null && one.BETWEEN() != null;
    boolean pair =
        parts.size() == 3
            && one != null
            && (one.EQ() != null || one.COMPARISON() != null || one.IN() != null)
            && one.ALL() == null
            && one.ANY() == null
            && one.SOME() == null;
    if (!pair && !between) {
      return null;
    }
    for (ParseTree part : parts) {
      if (part instanceof SqlParser.TermContext term
          && term.primary() instanceof SqlParser.ColumnValueContext column
          && term.prefix().stream().allMatch(prefix -> prefix.NOT() != null)) {
        return TreeNames.column(column.columnName());
      }
    }
    return null;
  }
}
