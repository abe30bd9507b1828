package dev.rowmill.sql;

import dev.rowmill.sql.Reading.Kind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes the statement that runs, from the original text: its parameters become question marks, and
 * its condition goes into parentheses, so that a key range can be put behind it.
 */
final class StatementRenderer {

  /** The server takes 65,535 placeholders; the key range needs some of them. */
  private static final int MAX_VALUES = 65_000;

  private final Reading reading;
  private final Map<String, @Nullable Object> parameters;
  private final Map<Integer, ValueTarget> targets;
  private final Set<Reason> reasons = new LinkedHashSet<>();
  private final StringBuilder sql = new StringBuilder();
  private final List<BoundText.Value> values = new ArrayList<>();
  private int given;
  private int whereStart = -1;
  private int valuesBeforeWhere;

  /**
   * A statement that its values are known of.
   *
   * @param statement up to where its key range follows
   * @param where its condition, null without one
   */
  record Rendered(BoundText statement, @Nullable BoundText where) {}

  private StatementRenderer(
      Reading reading,
      Map<String, @Nullable Object> parameters,
      Map<Integer, ValueTarget> targets) {
    this.reading = reading;
    this.parameters = parameters;
    this.targets = targets;
  }

  /**
   * Puts the values into a statement.
   *
   * @throws Refusal when parameters and statement don't fit together
   */
  static Rendered render(
      Reading reading, Map<String, @Nullable Object> parameters, String project) {
    return render(reading, parameters, project, Map.of());
  }

  /**
   * Puts the values into a statement, each as what it is compared with or assigned to needs it.
   *
   * @param targets by the index of the parameter's token; unknown of those that are not in it
   * @throws Refusal when parameters and statement don't fit together
   */
  static Rendered render(
      Reading reading,
      Map<String, @Nullable Object> parameters,
      String project,
      Map<Integer, ValueTarget> targets) {
    Set<String> unused = new TreeSet<>(parameters.keySet());
    unused.removeAll(named(reading));
    return filled(reading, parameters, unused, project, targets).rendered();
  }

  /**
   * Puts the values that it names into a query that is run as it is.
   *
   * @throws Refusal when it names one that there is not
   */
  static BoundText query(
      Reading reading, Map<String, @Nullable Object> parameters, String project) {
    return query(reading, parameters, project, Map.of());
  }

  /**
   * Does the same with each value as what it is compared with needs it.
   *
   * @param targets as of {@link #render}
   * @throws Refusal when it names one that there is not
   */
  static BoundText query(
      Reading reading,
      Map<String, @Nullable Object> parameters,
      String project,
      Map<Integer, ValueTarget> targets) {
    StatementRenderer renderer = filled(reading, parameters, Set.of(), project, targets);
    return new BoundText(renderer.sql.toString(), List.copyOf(renderer.values));
  }

  private static StatementRenderer filled(
      Reading reading,
      Map<String, @Nullable Object> parameters,
      Set<String> unused,
      String project,
      Map<Integer, ValueTarget> targets) {
    Set<String> missing = named(reading);
    missing.removeAll(parameters.keySet());
    if (!missing.isEmpty() || !unused.isEmpty()) {
      throw new Refusal(
          "parameter-mismatch",
          Map.of("missing", List.copyOf(missing), "unused", List.copyOf(unused)));
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>(parameters);
    all.put("project", project);
    StatementRenderer renderer = new StatementRenderer(reading, all, targets);
    renderer.run();
    if (!renderer.reasons.isEmpty()) {
      throw StatementReader.refusal(renderer.reasons);
    }
    return renderer;
  }

  /** The names of its parameters, but for the one that is always there. */
  private static Set<String> named(Reading reading) {
    Set<String> named = new TreeSet<>();
    for (Token token : reading.tokens()) {
      if (token.kind() == Token.Kind.PARAMETER && !token.name().equals("project")) {
        named.add(token.name());
      }
    }
    return named;
  }

  private Rendered rendered() {
    BoundText where =
        whereStart < 0
            ? null
            : new BoundText(
                sql.substring(whereStart),
                List.copyOf(values.subList(valuesBeforeWhere, values.size())));
    sql.append(whereStart < 0 ? " WHERE " : ") AND ");
    return new Rendered(new BoundText(sql.toString(), List.copyOf(values)), where);
  }

  private void run() {
    List<Token> tokens = reading.tokens();
    int written = tokens.get(0).start();
    // Whether each open pair of parentheses is the list of an IN.
    List<Boolean> lists = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      sql.append(reading.sql(), written, token.start());
      written = token.end();
      if (i == reading.where()) {
        sql.append('(');
        whereStart = sql.length();
        valuesBeforeWhere = values.size();
      }
      if (token.isSymbol("(")) {
        lists.add(TokenCursor.at(tokens, i - 1).isWord("IN"));
      } else if (token.isSymbol(")")) {
        lists.remove(lists.size() - 1);
      }
      if (token.kind() == Token.Kind.PARAMETER) {
        boolean inList = !lists.isEmpty() && lists.get(lists.size() - 1);
        parameter(
            token,
            TokenCursor.at(tokens, i - 1),
            inList,
            targets.getOrDefault(i, ValueTarget.UNKNOWN));
      } else {
        sql.append(token.text());
      }
      String alias = reading.alias();
      if (i == 0 && reading.kind() == Kind.DELETE && alias != null) {
        // MariaDB before 11.6 takes an alias in this form of DELETE alone; MySQL takes it in both.
        sql.append(' ').append(TableName.quoted(alias));
      }
    }
    if (given > MAX_VALUES) {
      reasons.add(Reason.of("too-many-values", "limit", Integer.toString(MAX_VALUES)));
    }
  }

  private void parameter(Token token, Token before, boolean inList, ValueTarget target) {
    Object value = parameters.get(token.name());
    boolean bare = before.isWord("IN");
    if (value instanceof Collection<?> list) {
      boolean element = inList && (before.isSymbol("(") || before.isSymbol(","));
      if (!bare && !element) {
        reasons.add(Reason.of("list-outside-in", "parameter", token.name()));
      } else if (list.isEmpty()) {
        reasons.add(Reason.of("empty-list", "parameter", token.name()));
      }
      String separator = bare ? "(" : "";
      for (Object item : list) {
        sql.append(separator);
        one(token.name(), item, target);
        separator = ",";
      }
      sql.append(bare ? ")" : "");
    } else {
      sql.append(bare ? "(" : "");
      one(token.name(), value, target);
      sql.append(bare ? ")" : "");
    }
  }

  private void one(String name, @Nullable Object value, ValueTarget target) {
    given++;
    ParameterValue rendered = ParameterValue.of(name, value, target, reasons);
    // A word must not run into the one before it, as in "AND:flag".
    if (Character.isLetter(rendered.sql().charAt(0))
        && sql.length() > 0
        && Character.isLetterOrDigit(sql.charAt(sql.length() - 1))) {
      sql.append(' ');
    }
    sql.append(rendered.sql());
    values.addAll(rendered.values());
  }
}
