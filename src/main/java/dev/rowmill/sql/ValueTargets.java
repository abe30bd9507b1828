package dev.rowmill.sql;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what each parameter of a statement is directly compared with or assigned to, by the tokens
 * next to it: {@code column = :p}, {@code :p < column}, {@code column BETWEEN :p AND :q}, {@code
 * column IN (:p, :q)}, {@code SET column = :p} and the values that an INSERT selects. In anything
 * more involved the target is unknown. Stateless.
 */
final class ValueTargets {

  private static final Set<String> COMPARISONS =
      Set.of("=", "<", ">", "<=", ">=", "<>", "!=", "<=>");

  /** What may stand before or behind a comparison or an assignment. */
  private static final Set<String> BOUNDARIES =
      Set.of(
          "AND", "OR", "XOR", "NOT", "WHERE", "SET", "ON", "WHEN", "THEN", "HAVING", "SELECT",
          "ELSE", "END", "FROM", "GROUP", "ORDER", "LIMIT", "UNION", "AS");

  private final Reading reading;
  private final List<Token> tokens;

  /** By the column's name in lower case. */
  private final Map<String, ValueTarget> columns = new HashMap<>();

  private ValueTargets(Reading reading, List<List<TableDefinition.Column>> tables) {
    this.reading = reading;
    this.tokens = reading.tokens();
    for (List<TableDefinition.Column> table : tables) {
      for (TableDefinition.Column column : table) {
        columns.merge(
            column.name().toLowerCase(Locale.ROOT),
            ValueTarget.of(column.type()),
            ValueTargets::both);
      }
    }
  }

  /** What a name stands for that two tables have. */
  private static ValueTarget both(ValueTarget one, ValueTarget another) {
    if (one == another) {
      return one;
    }
    return one.isTemporal() && another.isTemporal() ? ValueTarget.TIMESTAMP : ValueTarget.UNKNOWN;
  }

  /**
   * Returns the targets of all parameters that have one, by the index of their token.
   *
   * @param tables the columns of each table that the statement names
   */
  static Map<Integer, ValueTarget> of(Reading reading, List<List<TableDefinition.Column>> tables) {
    return new ValueTargets(reading, tables).all();
  }

  private Map<Integer, ValueTarget> all() {
    Map<Integer, ValueTarget> targets = new HashMap<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.get(i).kind() == Token.Kind.PARAMETER) {
        String column = column(i);
        ValueTarget target =
            column == null
                ? ValueTarget.UNKNOWN
                : columns.getOrDefault(column.toLowerCase(Locale.ROOT), ValueTarget.UNKNOWN);
        if (target.isTemporal()) {
          targets.put(i, target);
        }
      }
    }
    if (reading.kind() == Reading.Kind.INSERT) {
      selected(targets);
    }
    return targets;
  }

  private @Nullable String column(int parameter) {
    Token before = at(parameter - 1);
    Token behind = at(parameter + 1);
    if (isComparison(before) && isEnd(behind)) {
      return columnBefore(parameter - 1);
    } else if (isComparison(behind) && isBegin(before)) {
      return columnBehind(parameter + 1);
    } else if (before.isWord("BETWEEN")) {
      return columnBefore(withoutNot(parameter - 1));
    } else if (before.isWord("AND") && isEnd(behind) && at(parameter - 3).isWord("BETWEEN")) {
      return columnBefore(withoutNot(parameter - 3));
    } else if (before.isWord("IN")) {
      return columnBefore(withoutNot(parameter - 1));
    }
    return inList(parameter);
  }

  private @Nullable String inList(int parameter) {
    int i = parameter - 1;
    Token behind = at(parameter + 1);
    if (!behind.isSymbol(",") && !behind.isSymbol(")")) {
      return null;
    }
    // Only where the list has nothing else than parameters and constants.
    while (at(i).isSymbol(",")
        || at(i).kind() == Token.Kind.PARAMETER
        || at(i).kind() == Token.Kind.STRING
        || at(i).kind() == Token.Kind.NUMBER) {
      i--;
    }
    return at(i).isSymbol("(") && at(i - 1).isWord("IN") ? columnBefore(withoutNot(i - 1)) : null;
  }

  private int withoutNot(int operator) {
    return at(operator - 1).isWord("NOT") ? operator - 1 : operator;
  }

  /** The column that ends just before an operator, where nothing else is at that side. */
  private @Nullable String columnBefore(int operator) {
    int i = operator - 1;
    if (!at(i).isIdentifier()) {
      return null;
    }
    String name = at(i).name();
    while (at(i - 1).isSymbol(".") && at(i - 2).isIdentifier()) {
      i -= 2;
    }
    return isBegin(at(i - 1)) ? name : null;
  }

  private @Nullable String columnBehind(int operator) {
    int i = operator + 1;
    if (!at(i).isIdentifier()) {
      return null;
    }
    while (at(i + 1).isSymbol(".") && at(i + 2).isIdentifier()) {
      i += 2;
    }
    return isEnd(at(i + 1)) ? at(i).name() : null;
  }

  /** Takes the parameters that an INSERT selects by themselves for what is assigned to a column. */
  private void selected(Map<Integer, ValueTarget> targets) {
    int i = 0;
    while (i < tokens.size() && !at(i).isWord("SELECT")) {
      i++;
    }
    int depth = 0;
    int column = 0;
    for (i++; i < tokens.size() && !(depth == 0 && at(i).isWord("FROM")); i++) {
      depth += at(i).isSymbol("(") ? 1 : at(i).isSymbol(")") ? -1 : 0;
      boolean alone =
          depth == 0
              && at(i).kind() == Token.Kind.PARAMETER
              && (at(i - 1).isSymbol(",") || at(i - 1).isWord("SELECT"))
              && isEnd(at(i + 1));
      if (alone && column < reading.assigned().size()) {
        String name = reading.assigned().get(column).toLowerCase(Locale.ROOT);
        ValueTarget target = columns.getOrDefault(name, ValueTarget.UNKNOWN);
        if (target.isTemporal()) {
          targets.put(i, target);
        }
      }
      column += depth == 0 && at(i).isSymbol(",") ? 1 : 0;
    }
  }

  private Token at(int i) {
    return TokenCursor.at(tokens, i);
  }

  private static boolean isComparison(Token token) {
    return token.kind() == Token.Kind.SYMBOL && COMPARISONS.contains(token.text());
  }

  private static boolean isBegin(Token token) {
    return token.isSymbol("(") || token.isSymbol(",") || isBoundary(token);
  }

  private static boolean isEnd(Token token) {
    return token.text().isEmpty()
        || token.isSymbol(")")
        || token.isSymbol(",")
        || token.isSymbol(";")
        || isBoundary(token);
  }

  private static boolean isBoundary(Token token) {
    return token.kind() == Token.Kind.WORD
        && BOUNDARIES.contains(token.text().toUpperCase(Locale.ROOT));
  }
}
