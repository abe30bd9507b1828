package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlBaseVisitor;
import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.grammar.SqlParser.ExpressionContext;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.ParameterUse;
import dev.rowmill.sql.parse.ParsedStatement.Position;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;

/**
 * Visits expressions and subqueries, and collects their parameters, functions and tables. For one
 * statement and one thread.
 */
final class ExpressionScan extends SqlBaseVisitor<@Nullable Void> {

  /** Lists functions with a number of rows as an argument that can't be an expression. */
  private static final Set<String> COUNTING = Set.of("NTILE", "LEAD", "LAG", "NTH_VALUE");

  /** Lists functions that are called without parentheses, and that depend on more than the row. */
  private static final Set<String> FUNCTION_WORDS =
      Set.of(
          "CURRENT_DATE",
          "CURRENT_ROLE",
          "CURRENT_TIME",
          "CURRENT_TIMESTAMP",
          "CURRENT_USER",
          "LOCALTIME",
          "LOCALTIMESTAMP",
          "SYSDATE",
          "UTC_DATE",
          "UTC_TIME",
          "UTC_TIMESTAMP");

  /** Lists functions with one result for all rows of a statement. */
  private static final Set<String> CURRENT_TIMES =
      Set.of(
          "CURDATE",
          "CURRENT_DATE",
          "CURRENT_TIME",
          "CURRENT_TIMESTAMP",
          "CURTIME",
          "LOCALTIME",
          "LOCALTIMESTAMP",
          "NOW",
          "UNIX_TIMESTAMP",
          "UTC_DATE",
          "UTC_TIME",
          "UTC_TIMESTAMP");

  private final SourceText text;
  private final Findings findings;
  private final WithNames names;
  private final boolean inserts;

  private final List<TableName> subqueryTables = new ArrayList<>();
  private final Set<String> functions = new LinkedHashSet<>();
  private final Set<String> calls = new LinkedHashSet<>();
  private final List<ParameterUse> parameters = new ArrayList<>();
  private boolean holdsBytes;

  /** Stores whether the visited part belongs to the statement itself rather than to a subquery. */
  private boolean top = true;

  private final ReadValues condition = new ReadValues();
  private final ReadValues assignments = new ReadValues();
  private final Set<String> currentTimes = new LinkedHashSet<>();

  /** Holds what the visited part reads; null in parts for which this does not matter. */
  private @Nullable ReadValues reading;

  /** Collects what an expression reads. */
  private static final class ReadValues {
    private final Set<String> columns = new LinkedHashSet<>();
    private boolean ofRowAlone = true;
  }

  /**
   * @param inserts whether the statement adds the rows of a query, which can't be divided if it
   *     combines rows
   */
  ExpressionScan(SourceText text, Findings findings, WithNames names, boolean inserts) {
    this.text = text;
    this.findings = findings;
    this.names = names;
    this.inserts = inserts;
  }

  List<TableName> subqueryTables() {
    return List.copyOf(subqueryTables);
  }

  Set<String> functions() {
    return Set.copyOf(functions);
  }

  Set<String> calls() {
    return Set.copyOf(calls);
  }

  Set<String> conditionColumns() {
    return Set.copyOf(condition.columns);
  }

  /** Returns the columns that assigned values read, in lower case. */
  Set<String> assignmentColumns() {
    return Set.copyOf(assignments.columns);
  }

  /** Returns the columns to which only the current time is assigned, in lower case. */
  Set<String> currentTimes() {
    return Set.copyOf(currentTimes);
  }

  /** Returns the uses of parameters, in the order of the text. */
  List<ParameterUse> parameters() {
    return parameters.stream().sorted(Comparator.comparingInt(use -> use.span().start())).toList();
  }

  boolean holdsBytes() {
    return holdsBytes;
  }

  boolean conditionOfRowAlone() {
    return condition.ofRowAlone;
  }

  boolean assignmentsOfRowAlone() {
    return assignments.ofRowAlone;
  }

  private void readsMore() {
    if (reading != null) {
      reading.ofRowAlone = false;
    }
  }

  // Parts of a statement

  void visitIfThere(@Nullable ParseTree tree) {
    if (tree != null) {
      visit(tree);
    }
  }

  /** Visits the statement's own condition. */
  void condition(SqlParser.WhereClauseContext clause) {
    reading = condition;
    visit(clause);
    reading = null;
  }

  /**
   * Visits a value that is assigned to a column.
   *
   * @param column null if the column is unknown
   */
  void assignedValue(ExpressionContext value, @Nullable ColumnName column) {
    reading = assignments;
    SqlParser.PrimaryContext only = TreeNames.only(value);
    if (only instanceof SqlParser.ParameterValueContext parameter) {
      parameter(parameter, Position.VALUE, column);
    } else {
      if (column != null
          && currentTimes.contains(column.name().toLowerCase(Locale.ROOT))
          && !isCurrentTime(only)) {
        // The servers accept several values for one column; the last one stays.
        readsMore();
      }
      if (column != null && isCurrentTime(only)) {
        currentTimes.add(column.name().toLowerCase(Locale.ROOT));
        reading = null;
      }
      visit(value);
    }
    reading = null;
  }

  /** Returns whether a value is the current time and nothing else. */
  private static boolean isCurrentTime(SqlParser.@Nullable PrimaryContext value) {
    if (value instanceof SqlParser.FunctionValueContext call) {
      return CURRENT_TIMES.contains(call.functionName().getText().toUpperCase(Locale.ROOT))
          && call.functionTail().isEmpty()
          && (call.arguments() == null || call.arguments().getText().matches("\\d"));
    }
    return value instanceof SqlParser.ColumnValueContext word
        && isFunctionWord(word.columnName())
        && CURRENT_TIMES.contains(word.getText().toUpperCase(Locale.ROOT));
  }

  /** Visits a query as a subquery, except its WITH clause. */
  void subquery(SqlParser.QueryContext query) {
    boolean before = top;
    top = false;
    visit(query.queryBody());
    visitIfThere(query.orderClause());
    visitIfThere(query.limitClause());
    query.lockingClause().forEach(this::visit);
    top = before;
  }

  /** Visits a WITH clause, and runs an action where its names are visible. */
  void within(SqlParser.@Nullable WithClauseContext clause, Runnable action) {
    int position = names.enter();
    with(clause);
    action.run();
    names.leave(position);
  }

  /** Visits a WITH clause, whose names are visible afterwards. */
  void with(SqlParser.@Nullable WithClauseContext clause) {
    if (clause == null) {
      return;
    }
    boolean recursive = clause.RECURSIVE() != null;
    for (SqlParser.CommonTableContext each : clause.commonTable()) {
      String name = TreeNames.unquoted(each.identifier(0));
      names.define(name);
      boolean before = top;
      top = false;
      int position = names.enter();
      if (recursive) {
        names.add(name);
      }
      visit(each.subquery());
      names.leave(position);
      names.add(name);
      top = before;
    }
  }

  // Subqueries

  @Override
  public @Nullable Void visitQuery(SqlParser.QueryContext query) {
    within(query.withClause(), () -> subquery(query));
    return null;
  }

  /** Reads a table of a subquery. */
  @Override
  public @Nullable Void visitBaseTable(SqlParser.BaseTableContext base) {
    read(base.tableName());
    if (base.portion() != null) {
      findings.reject(Reason.of("for-portion-of"));
    }
    visitIfThere(base.systemTime());
    return null;
  }

  @Override
  public @Nullable Void visitTableTerm(SqlParser.TableTermContext table) {
    read(table.tableName());
    return null;
  }

  private void read(SqlParser.TableNameContext written) {
    TableName name = TreeNames.table(written);
    if (!names.isVisible(name) && !isDual(written)) {
      subqueryTables.add(name);
    }
  }

  /** Returns whether a name is DUAL, the servers' table of one row and no columns. */
  static boolean isDual(SqlParser.TableNameContext written) {
    return written.getText().equalsIgnoreCase("DUAL");
  }

  @Override
  public @Nullable Void visitJoinKind(SqlParser.JoinKindContext kind) {
    if (kind.FULL() != null) {
      findings.reject(Reason.of("full-join"));
    }
    return null;
  }

  @Override
  public @Nullable Void visitLockingClause(SqlParser.LockingClauseContext clause) {
    findings.reject(Reason.of("locking-read"));
    return null;
  }

  // Expressions

  @Override
  public @Nullable Void visitExpression(ExpressionContext expression) {
    Comparison.of(expression).forEach(this::comparison);
    return null;
  }

  private void comparison(Comparison comparison) {
    ColumnName column = comparison.column();
    List<ParseTree> parts = comparison.parts();
    for (int i = 0; i < parts.size(); i++) {
      if (!(parts.get(i) instanceof SqlParser.TermContext term)) {
        continue;
      }
      boolean plain = term.prefix().isEmpty();
      boolean behindIn = plain && comparison.isBehindIn(i);
      if (plain && term.primary() instanceof SqlParser.ParameterValueContext parameter) {
        parameter(parameter, behindIn ? Position.BEHIND_IN : Position.VALUE, column);
      } else if (behindIn
          && term.primary() instanceof SqlParser.ParenthesesContext list
          && list.ROW() == null) {
        list.expression().forEach(element -> element(element, column));
      } else {
        visit(term);
      }
    }
  }

  private void element(ExpressionContext element, @Nullable ColumnName column) {
    if (TreeNames.only(element) instanceof SqlParser.ParameterValueContext parameter) {
      parameter(parameter, Position.IN_LIST, column);
    } else {
      visit(element);
    }
  }

  private void parameter(
      SqlParser.ParameterValueContext parameter, Position position, @Nullable ColumnName column) {
    String name = parameter.getText().substring(1);
    parameters.add(
        new ParameterUse(name, text.span(parameter), position, column, isCount(parameter)));
  }

  private static boolean isCount(SqlParser.ParameterValueContext parameter) {
    ParserRuleContext around = parameter.getParent();
    while (around instanceof SqlParser.TermContext || around instanceof ExpressionContext) {
      around = around.getParent();
    }
    return around instanceof SqlParser.LimitClauseContext
        || around instanceof SqlParser.FetchClauseContext
        || around instanceof SqlParser.FrameBoundContext
        || (around instanceof SqlParser.ArgumentContext argument
            && argument.getParent().getParent() instanceof SqlParser.FunctionValueContext call
            && COUNTING.contains(call.functionName().getText().toUpperCase(Locale.ROOT)));
  }

  @Override
  public @Nullable Void visitParameterValue(SqlParser.ParameterValueContext parameter) {
    parameter(parameter, Position.VALUE, null);
    return null;
  }

  @Override
  public @Nullable Void visitLiteral(SqlParser.LiteralContext literal) {
    holdsBytes |= literal.HEX() != null || literal.BITS() != null || literal.INTRODUCER() != null;
    if (literal.TIME() != null) {
      readsMore();
    }
    return null;
  }

  /** Finds the type TIME: the servers add the current date where a date is required. */
  @Override
  public @Nullable Void visitTypeWord(SqlParser.TypeWordContext word) {
    if (word.getText().equalsIgnoreCase("TIME")) {
      readsMore();
    }
    return null;
  }

  @Override
  public @Nullable Void visitEscapeValue(SqlParser.EscapeValueContext escape) {
    readsMore();
    return super.visitEscapeValue(escape);
  }

  @Override
  public @Nullable Void visitDefaultValue(SqlParser.DefaultValueContext value) {
    readsMore();
    return null;
  }

  @Override
  public @Nullable Void visitArguments(SqlParser.ArgumentsContext arguments) {
    if (arguments.PARAMETER() != null) {
      Token token = arguments.PARAMETER().getSymbol();
      parameters.add(
          new ParameterUse(
              token.getText().substring(1), text.span(token), Position.VALUE, null, true));
    }
    return super.visitArguments(arguments);
  }

  @Override
  public @Nullable Void visitColumnValue(SqlParser.ColumnValueContext value) {
    ColumnName column = TreeNames.column(value.columnName());
    if (reading != null) {
      reading.columns.add(column.name().toLowerCase(Locale.ROOT));
    }
    if (isFunctionWord(value.columnName())) {
      readsMore();
    }
    return null;
  }

  private static boolean isFunctionWord(SqlParser.ColumnNameContext column) {
    return column.getChildCount() == 1
        && FUNCTION_WORDS.contains(column.getText().toUpperCase(Locale.ROOT));
  }

  @Override
  public @Nullable Void visitSubquery(SqlParser.SubqueryContext subquery) {
    readsMore();
    return super.visitSubquery(subquery);
  }

  @Override
  public @Nullable Void visitMatchValue(SqlParser.MatchValueContext match) {
    readsMore();
    return super.visitMatchValue(match);
  }

  @Override
  public @Nullable Void visitSequenceValue(SqlParser.SequenceValueContext sequence) {
    String word = sequence.NEXT() != null ? "NEXT VALUE FOR" : "PREVIOUS VALUE FOR";
    findings.reject(Reason.of("forbidden-function", "function", word));
    return null;
  }

  @Override
  public @Nullable Void visitFunctionValue(SqlParser.FunctionValueContext call) {
    function(call);
    return super.visitFunctionValue(call);
  }

  private void function(SqlParser.FunctionValueContext call) {
    List<String> parts = TreeNames.parts(call.functionName());
    String name = parts.get(parts.size() - 1);
    String written = String.join(".", parts);
    boolean qualified = parts.size() > 1;
    if (qualified || !KnownFunctions.isOfItsArguments(name)) {
      readsMore();
    }
    if (KnownFunctions.isForbidden(name) || (qualified && TableName.isSystemSchema(parts.get(0)))) {
      findings.reject(Reason.of("forbidden-function", "function", written));
    } else if (qualified || !KnownFunctions.isKnown(name)) {
      functions.add(written);
    } else {
      calls.add(written);
    }
    if (top && inserts && !qualified) {
      boolean windowed = call.functionTail().stream().anyMatch(tail -> tail.OVER() != null);
      if (windowed) {
        findings.undivided(Reason.of("window-function"));
      } else if (KnownFunctions.isAggregate(name)) {
        findings.undivided(Reason.of("aggregate", "function", name));
      }
    }
  }
}
