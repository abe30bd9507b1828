package dev.rowmill.sql;

import dev.rowmill.sql.Reading.Kind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads a check: one SELECT that changes and locks nothing. Stateless. */
final class CheckReader {

  private CheckReader() {}

  /**
   * @throws Refusal when it is anything else
   */
  static Reading read(String sql) {
    Set<Reason> reasons = new LinkedHashSet<>();
    StatementReader.refuseTooLong(sql);
    List<Token> tokens = SqlLexer.read(sql, reasons);
    boolean balanced = StatementReader.balanced(tokens, reasons);
    if (!TokenCursor.at(tokens, 0).isWord("SELECT")) {
      reasons.add(Reason.of("not-a-select"));
    }
    if (balanced) {
      var walk = new TableWalk(inParentheses(tokens), reasons);
      walk.run(-1, false);
      var none = new TableName(null, "");
      var reading =
          new Reading(
              sql,
              Kind.SELECT,
              List.copyOf(tokens),
              none,
              none,
              null,
              List.of(),
              List.of(),
              -1,
              Set.copyOf(walk.tables()),
              Set.copyOf(walk.withNames()),
              Set.copyOf(walk.functions()));
      if (reasons.isEmpty()) {
        SecondReading.compare(reading, reasons);
      }
      if (reasons.isEmpty()) {
        return reading;
      }
    }
    throw StatementReader.refusal(reasons);
  }

  /** As a subquery stands in a statement, where all that it names is found and looked at. */
  private static List<Token> inParentheses(List<Token> tokens) {
    List<Token> all = new ArrayList<>(tokens.size() + 2);
    all.add(new Token(Token.Kind.SYMBOL, "(", "", 0, 0));
    all.addAll(tokens);
    all.add(new Token(Token.Kind.SYMBOL, ")", "", 0, 0));
    return all;
  }
}
