package dev.rowmill.sql;

import dev.rowmill.sql.Reading.Kind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the skeleton of one UPDATE, DELETE or INSERT … SELECT from its tokens, and finds every
 * reason at once why it can't be chunked. What is inside of expressions is left to {@link
 * TableWalk}, to {@link SecondReading} and, in the end, to the server.
 */
final class StatementReader extends TokenCursor {

  static final int MAX_LENGTH = 65_536;
  private static final int MAX_DEPTH = 32;

  private final String sql;
  private final Set<Reason> reasons;
  private TableName target = new TableName(null, "");
  private TableName walked = target;
  private @Nullable String alias;
  private final List<String> assigned = new ArrayList<>();
  private final List<String> selected = new ArrayList<>();
  private int where = -1;
  private int insertTarget = -1;

  private StatementReader(String sql, List<Token> tokens, Set<Reason> reasons) {
    super(tokens);
    this.sql = sql;
    this.reasons = reasons;
  }

  /**
   * @throws Refusal when it isn't a statement that can be chunked
   */
  static Reading read(String sql) {
    refuseTooLong(sql);
    Set<Reason> reasons = new LinkedHashSet<>();
    List<Token> tokens = SqlLexer.read(sql, reasons);
    @Nullable Reading reading = new StatementReader(sql, tokens, reasons).run();
    if (reading != null && reasons.isEmpty()) {
      SecondReading.compare(reading, reasons);
      if (reasons.isEmpty()) {
        return reading;
      }
    }
    throw refusal(reasons);
  }

  static void refuseTooLong(String sql) {
    if (sql.length() > MAX_LENGTH) {
      throw refusal(
          Set.of(Reason.of("too-long", "limit", String.format(Locale.ROOT, "%d", MAX_LENGTH))));
    }
  }

  static Refusal refusal(Set<Reason> reasons) {
    return new Refusal("unsupported-statement", Map.of(), List.copyOf(reasons));
  }

  private @Nullable Reading run() {
    if (!balanced(tokens, reasons)) {
      return null;
    }
    try {
      Kind kind = skeleton();
      TableWalk walk = new TableWalk(tokens, reasons);
      walk.run(insertTarget, kind == Kind.INSERT);
      return new Reading(
          sql,
          kind,
          List.copyOf(tokens),
          target,
          walked,
          alias,
          List.copyOf(assigned),
          List.copyOf(selected),
          where,
          Set.copyOf(walk.tables()),
          Set.copyOf(walk.withNames()),
          Set.copyOf(walk.functions()));
    } catch (Lost lost) {
      if (reasons.isEmpty()) {
        int offset = at < tokens.size() ? tokens.get(at).start() : sql.length();
        reasons.add(SqlLexer.notUnderstood(sql, offset));
      }
      return null;
    }
  }

  /** Whether each parenthesis is closed again, and none too deep in others. */
  static boolean balanced(List<Token> tokens, Set<Reason> reasons) {
    int depth = 0;
    int deepest = 0;
    for (Token token : tokens) {
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
      deepest = Math.max(deepest, depth);
      if (depth < 0) {
        break;
      }
    }
    if (deepest > MAX_DEPTH) {
      reasons.add(Reason.of("too-deep", "limit", Integer.toString(MAX_DEPTH)));
    }
    if (depth != 0 && reasons.isEmpty()) {
      reasons.add(Reason.of("unbalanced-parentheses"));
    }
    return depth == 0 && deepest <= MAX_DEPTH;
  }

  private Kind skeleton() throws Lost {
    if (take("UPDATE")) {
      update();
      return Kind.UPDATE;
    }
    if (take("DELETE")) {
      delete();
      return Kind.DELETE;
    }
    if (take("INSERT")) {
      insert();
      return Kind.INSERT;
    }
    reasons.add(
        word("REPLACE")
            ? Reason.of("replace")
            : word("WITH") ? Reason.of("with-clause") : Reason.of("not-a-change"));
    throw new Lost();
  }

  private void update() throws Lost {
    modifiers();
    walked = target = tableName();
    tableTail("SET");
    expect("SET");
    do {
      assigned.add(column());
      if (!at(tokens, at).isSymbol("=")) {
        throw new Lost();
      }
      at++;
      expression();
    } while (takeSymbol(","));
    rest();
  }

  private void delete() throws Lost {
    modifiers();
    if (!word("FROM")) {
      if (tokens.stream().anyMatch(token -> token.isWord("FROM")) && !word("HISTORY")) {
        reasons.add(Reason.of("several-tables"));
      }
      throw new Lost();
    }
    at++;
    walked = target = tableName();
    tableTail("WHERE");
    rest();
  }

  private void insert() throws Lost {
    modifiers();
    take("INTO");
    target = tableName();
    insertTarget = at - 1;
    if (word("PARTITION")) {
      partition();
    }
    if (word("VALUES") || word("VALUE") || word("SET")) {
      reasons.add(Reason.of("insert-values"));
      throw new Lost();
    }
    if (!at(tokens, at).isSymbol("(") || at(tokens, at + 1).isWord("SELECT")) {
      reasons.add(Reason.of("insert-without-columns"));
      throw new Lost();
    }
    at++;
    do {
      assigned.add(column());
    } while (takeSymbol(","));
    if (!takeSymbol(")")) {
      throw new Lost();
    }
    if (!word("SELECT")) {
      reasons.add(
          word("WITH")
              ? Reason.of("with-clause")
              : word("VALUES") || word("VALUE")
                  ? Reason.of("insert-values")
                  : Reason.of("insert-without-select"));
      throw new Lost();
    }
    at++;
    if (word("DISTINCT") || word("DISTINCTROW")) {
      reasons.add(Reason.of("distinct"));
      at++;
    }
    boolean star = false;
    do {
      int first = at;
      expression();
      selected.add(columnBetween(first, at));
      star |= at(tokens, at - 1).isSymbol("*");
    } while (takeSymbol(","));
    if (!star && selected.size() != assigned.size()) {
      // MariaDB would say so only when the first chunk runs.
      reasons.add(Reason.of("column-count"));
    }
    if (!take("FROM") || word("DUAL") || at(tokens, at).isSymbol("(") || word("LATERAL")) {
      reasons.add(Reason.of(word("INTO") ? "select-into" : "no-source-table"));
      throw new Lost();
    }
    walked = tableName();
    if (at(tokens, at).isSymbol("(")) {
      reasons.add(Reason.of("no-source-table"));
      throw new Lost();
    }
    tableTail("WHERE");
    rest();
  }

  /** The name of the column that an expression is; empty where it is anything else. */
  private String columnBetween(int first, int end) {
    boolean qualified =
        end - first == 3 && at(tokens, first).isIdentifier() && at(tokens, first + 1).isSymbol(".");
    Token last = at(tokens, end - 1);
    return (end - first == 1 || qualified) && last.isIdentifier() ? last.name() : "";
  }

  private void modifiers() {
    for (String modifier : List.of("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE")) {
      if (take(modifier)) {
        reasons.add(
            modifier.equals("IGNORE")
                ? Reason.of("ignore")
                : Reason.of("modifier", "modifier", modifier));
      }
    }
  }

  /** What may stand between a table's name and the clause behind it. */
  private void tableTail(String next) throws Lost {
    if (word("PARTITION")) {
      partition();
    }
    if (word("FOR") && at(tokens, at + 1).isWord("PORTION")) {
      reasons.add(Reason.of("for-portion-of"));
      throw new Lost();
    }
    if (take("AS")) {
      alias = identifier();
    } else if (at(tokens, at).isIdentifier() && !reserved(at(tokens, at)) && !word(next)) {
      alias = identifier();
    }
    if (word("USE") || word("FORCE") || word("IGNORE")) {
      reasons.add(Reason.of("index-hint"));
      at += 2;
      while (at < tokens.size() && !word(next)) {
        at++;
      }
    }
    Token token = at(tokens, at);
    if (token.isSymbol(",") || (token.kind() == Token.Kind.WORD && JOINS.contains(upper(token)))) {
      reasons.add(Reason.of("several-tables"));
      while (at < tokens.size() && !word(next)) {
        at++;
      }
    }
  }

  private void partition() throws Lost {
    reasons.add(Reason.of("partition-clause"));
    at++;
    if (!at(tokens, at).isSymbol("(")) {
      throw new Lost();
    }
    skipParentheses();
  }

  /** The clauses behind the table or the assignments, to the end of the statement. */
  private void rest() throws Lost {
    if (take("WHERE")) {
      where = at;
      expression();
    }
    while (at < tokens.size()) {
      Token token = tokens.get(at);
      String code =
          switch (upper(token)) {
            case "ORDER" -> "order-by";
            case "LIMIT" -> "limit";
            case "RETURNING" -> "returning";
            case "GROUP" -> "group-by";
            case "HAVING" -> "having";
            case "WINDOW" -> "window-function";
            case "UNION", "INTERSECT", "EXCEPT" -> "union";
            case "INTO" -> "select-into";
            case "FOR", "LOCK" -> "locking-read";
            case "ON" -> "on-duplicate-key";
            default -> "";
          };
      if (code.isEmpty() || token.kind() != Token.Kind.WORD) {
        if (reasons.isEmpty()) {
          throw new Lost();
        }
        at++;
        continue;
      }
      reasons.add(Reason.of(code));
      at++;
      expression();
      while (takeSymbol(",")) {
        expression();
      }
    }
  }
}
