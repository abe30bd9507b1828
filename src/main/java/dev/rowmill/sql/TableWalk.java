package dev.rowmill.sql;

import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds what is named inside a statement: the tables of its subqueries, the names of its WITH
 * clauses, the functions that may not be called, and those that it does not know. It looks for
 * reserved words alone, those that neither MySQL nor MariaDB take for a name, so that no alias can
 * hide a table from it.
 */
final class TableWalk {

  private static final Set<String> END_OF_FROM =
      Set.of("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT");

  /** What is known of one pair of parentheses. */
  private static final class Frame {
    boolean query;
    boolean from;
    boolean expectTable;
    boolean with;
    boolean expectWithName;
  }

  private final List<Token> tokens;
  private final Set<Reason> reasons;
  private final Deque<Frame> frames = new ArrayDeque<>();
  private final Set<TableName> tables = new LinkedHashSet<>();
  private final Set<String> withNames = new LinkedHashSet<>();
  private final Set<String> functions = new LinkedHashSet<>();

  TableWalk(List<Token> tokens, Set<Reason> reasons) {
    this.tokens = tokens;
    this.reasons = reasons;
  }

  Set<TableName> tables() {
    return tables;
  }

  Set<String> withNames() {
    return withNames;
  }

  /** The functions that are called and are none of the server's own, as they are written. */
  Set<String> functions() {
    return functions;
  }

  /**
   * @param insertTarget the index of the name in front of an INSERT's column list, which looks like
   *     a function, or -1
   */
  void run(int insertTarget, boolean insert) {
    frames.push(new Frame());
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isSymbol("(")) {
        Frame outer = top();
        Frame inner = new Frame();
        inner.from = outer.expectTable;
        inner.expectTable = outer.expectTable;
        outer.expectTable = false;
        frames.push(inner);
      } else if (token.isSymbol(")")) {
        frames.pop();
      } else if (token.isSymbol(",")) {
        top().expectTable = top().from && frames.size() > 1;
        top().expectWithName = top().with;
      } else if (token.isIdentifier()) {
        i = identifier(i, insertTarget, insert);
      }
    }
  }

  private int identifier(int i, int insertTarget, boolean insert) {
    Token token = tokens.get(i);
    Frame frame = top();
    if (i != insertTarget && at(i + 1).isSymbol("(")) {
      function(i, insert);
    }
    if (token.kind() == Token.Kind.WORD && keyword(i, token.text().toUpperCase(Locale.ROOT))) {
      return i;
    }
    if (frame.expectWithName) {
      withNames.add(token.name());
      frame.expectWithName = false;
    } else if (frame.expectTable) {
      frame.expectTable = false;
      if (at(i + 1).isSymbol(".") && at(i + 2).isIdentifier()) {
        tables.add(new TableName(token.name(), at(i + 2).name()));
        return i + 2;
      }
      if (!at(i + 1).isSymbol("(")) {
        tables.add(new TableName(null, token.name()));
      }
    }
    return i;
  }

  private boolean keyword(int i, String word) {
    Frame frame = top();
    switch (word) {
      case "SELECT", "VALUES" -> {
        frame.query = word.equals("SELECT") || frame.query;
        frame.from = false;
        frame.expectTable = false;
        frame.with = false;
      }
      case "FROM" -> {
        if (frame.query && frames.size() > 1) {
          frame.from = true;
          frame.expectTable = true;
        }
      }
      case "JOIN", "STRAIGHT_JOIN" ->
          frame.expectTable = frame.from && !(i > 0 && at(i - 1).isWord("FOR"));
      case "WITH" -> {
        if (!frame.query && !at(i + 1).isWord("ROLLUP")) {
          frame.with = true;
          frame.expectWithName = true;
          frame.from = false;
          frame.expectTable = false;
        }
      }
      case "RECURSIVE" -> {
        return frame.expectWithName;
      }
      case "LATERAL" -> {
        return frame.expectTable;
      }
      case "DUAL" -> frame.expectTable = false;
      case "TABLE" -> reasons.add(Reason.of("table-statement"));
      case "INTO" -> {
        if (frames.size() > 1) {
          reasons.add(Reason.of("select-into"));
        }
      }
      case "FOR" -> {
        if (at(i + 1).isWord("UPDATE") || at(i + 1).isWord("SHARE")) {
          reasons.add(Reason.of("locking-read"));
        }
      }
      case "LOCK" -> {
        if (at(i + 1).isWord("IN")) {
          reasons.add(Reason.of("locking-read"));
        }
      }
      case "NEXT", "PREVIOUS" -> {
        if (at(i + 1).isWord("VALUE") && at(i + 2).isWord("FOR")) {
          reasons.add(Reason.of("forbidden-function", "function", word + " VALUE FOR"));
        }
        return false;
      }
      default -> {
        if (END_OF_FROM.contains(word)) {
          frame.from = false;
          frame.expectTable = false;
          return true;
        }
        return false;
      }
    }
    return true;
  }

  private void function(int i, boolean insert) {
    String name = at(i).name();
    boolean qualified = i >= 2 && at(i - 1).isSymbol(".");
    String written = name;
    for (int j = i; at(j - 1).isSymbol(".") && at(j - 2).isIdentifier(); j -= 2) {
      written = at(j - 2).name() + "." + written;
    }
    if (ServerFunctions.isForbidden(name) || (qualified && Reach.isSystemSchema(schema(i)))) {
      reasons.add(Reason.of("forbidden-function", "function", written));
    } else if (qualified || !(ServerFunctions.isKnown(at(i)) || namesColumns(i))) {
      functions.add(written);
    }
    boolean inSubquery = frames.stream().limit(frames.size() - 1L).anyMatch(frame -> frame.query);
    if (insert && !inSubquery && !qualified) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (ServerFunctions.AGGREGATES.contains(lower)) {
        reasons.add(Reason.of("aggregate", "function", name));
      } else if (lower.equals("over")) {
        reasons.add(Reason.of("window-function"));
      }
    }
  }

  /** The first part of a qualified name. */
  private String schema(int i) {
    int first = i;
    while (at(first - 1).isSymbol(".") && at(first - 2).isIdentifier()) {
      first -= 2;
    }
    return at(first).name();
  }

  /** Whether a list of columns follows: of a derived table, or of one that WITH names. */
  private boolean namesColumns(int i) {
    return at(i - 1).isWord("AS") || at(i - 1).isSymbol(")") || top().expectWithName;
  }

  private Frame top() {
    return java.util.Objects.requireNonNull(frames.peek());
  }

  private Token at(int i) {
    return TokenCursor.at(tokens, i);
  }
}
