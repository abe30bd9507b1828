package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlBaseVisitor;
import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.grammar.SqlParser.ExpressionContext;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Edit;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.Limit;
import dev.rowmill.sql.parse.ParsedStatement.OrderPart;
import dev.rowmill.sql.parse.ParsedStatement.ParameterUse;
import dev.rowmill.sql.parse.ParsedStatement.Place;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** Collects the facts about a statement from its parse tree. For one statement and one thread. */
final class StatementAnalyzer extends SqlBaseVisitor<@Nullable Void> {

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

  private final String sql;
  private final int[] offsets;
  private final List<Edit> edits;
  private final Set<Reason> reasons;

  private final Set<Reason> undivided = new LinkedHashSet<>();
  private final List<TableUse> tables = new ArrayList<>();
  private final List<TableName> deleted = new ArrayList<>();
  private final List<ColumnName> assigned = new ArrayList<>();
  private final List<ColumnName> onDuplicate = new ArrayList<>();
  private final Set<String> defaulted = new LinkedHashSet<>();
  private final List<String> selected = new ArrayList<>();

  /** Maps the name of each selected value, in lower case, to the column behind it, if any. */
  private final Map<String, Optional<ColumnName>> namedValues = new HashMap<>();

  private final List<OrderPart> order = new ArrayList<>();
  private final List<TableName> subqueryTables = new ArrayList<>();
  private final Set<String> withNames = new LinkedHashSet<>();
  private final Set<String> functions = new LinkedHashSet<>();
  private final Set<String> calls = new LinkedHashSet<>();
  private final Set<String> conditionColumns = new LinkedHashSet<>();
  private final List<ParameterUse> parameters = new ArrayList<>();

  /** Stores the names of WITH that are visible at the current position. */
  private final Deque<Set<String>> visibleNames = new ArrayDeque<>();

  private @Nullable TableName insertInto;
  private @Nullable TextSpan from;
  private @Nullable TextSpan query;
  private @Nullable TextSpan insertName;
  private @Nullable TextSpan where;
  private @Nullable TextSpan orderAndLimit;
  private Optional<Limit> limit = Optional.empty();
  private int rangeAt;
  private boolean deletesFromOne;
  private boolean hasOtherSources;
  private boolean hasColumnList;
  private boolean selectsAll;
  private boolean ignore;
  private boolean holdsBytes;

  /** Stores whether the visited part belongs to the statement itself rather than to a subquery. */
  private boolean top = true;

  private boolean inCondition;
  private boolean conditionOfRowAlone = true;

  StatementAnalyzer(String sql, int[] offsets, List<Edit> edits, Set<Reason> reasons) {
    this.sql = sql;
    this.offsets = offsets;
    this.edits = edits;
    this.reasons = reasons;
  }

  ParsedStatement run(SqlParser.StatementContext statement) {
    visibleNames.push(Set.of());
    Kind kind = kind(statement);
    edits.sort(Comparator.comparingInt(edit -> edit.span().start()));
    parameters.sort(Comparator.comparingInt(use -> use.span().start()));
    return new ParsedStatement(
        sql,
        kind,
        offsets[statement.getStart().getStartIndex()],
        insertInto,
        insertName,
        List.copyOf(tables),
        hasOtherSources,
        from,
        List.copyOf(deleted),
        deletesFromOne,
        List.copyOf(assigned),
        hasColumnList,
        List.copyOf(onDuplicate),
        Set.copyOf(defaulted),
        query,
        List.copyOf(selected),
        selectsAll,
        where,
        rangeAt,
        List.copyOf(order),
        limit,
        orderAndLimit,
        ignore,
        List.copyOf(undivided),
        List.copyOf(subqueryTables),
        Set.copyOf(withNames),
        Set.copyOf(functions),
        Set.copyOf(calls),
        List.copyOf(parameters),
        List.copyOf(edits),
        holdsBytes,
        conditionOfRowAlone,
        Set.copyOf(conditionColumns));
  }

  private Kind kind(SqlParser.StatementContext statement) {
    if (statement.update() != null) {
      update(statement.update());
      return Kind.UPDATE;
    }
    if (statement.delete() != null) {
      delete(statement.delete());
      return Kind.DELETE;
    }
    if (statement.insert() != null) {
      insert(statement.insert());
      return statement.insert().INSERT() != null ? Kind.INSERT : Kind.REPLACE;
    }
    top = false;
    visit(statement.query());
    return Kind.SELECT;
  }

  // Statements

  private void update(SqlParser.UpdateContext update) {
    modifiers(update.modifier());
    with(update.withClause());
    sources(update.tables());
    for (SqlParser.AssignmentContext assignment : update.assignment()) {
      assigned.add(assignment(assignment));
    }
    ParserRuleContext last = update.assignment(update.assignment().size() - 1);
    tail(last, update.whereClause(), update.orderClause(), update.limitClause());
    returning(update.returningClause());
  }

  private void delete(SqlParser.DeleteContext delete) {
    if (delete instanceof SqlParser.DeleteFromOneContext one) {
      modifiers(one.modifier());
      with(one.withClause());
      table(one.tableFactor(), false);
      from = span(one.tableFactor());
      if (!tables.isEmpty() && !hasOtherSources) {
        deleted.add(new TableName(null, tables.get(0).qualifier()));
        deletesFromOne = tables.get(0).alias() == null && one.withClause() == null;
        aliasInFrontOfFrom(one);
      } else {
        reasons.add(notUnderstood(one.tableFactor()));
      }
      tail(one.tableFactor(), one.whereClause(), one.orderClause(), one.limitClause());
      returning(one.returningClause());
    } else if (delete instanceof SqlParser.DeleteUsingContext using) {
      modifiers(using.modifier());
      with(using.withClause());
      using.deleteTarget().forEach(target -> deleted.add(name(target.tableName())));
      sources(using.tables());
      tail(using.tables(), using.whereClause(), using.orderClause(), using.limitClause());
      returning(using.returningClause());
    } else if (delete instanceof SqlParser.DeleteTargetsContext targets) {
      modifiers(targets.modifier());
      with(targets.withClause());
      targets.deleteTarget().forEach(target -> deleted.add(name(target.tableName())));
      if (targets.deleteTarget(0).getText().equalsIgnoreCase("HISTORY")) {
        // MariaDB reads it as the keyword that deletes old versions.
        reasons.add(Reason.of("delete-history"));
      }
      sources(targets.tables());
      tail(targets.tables(), targets.whereClause(), targets.orderClause(), targets.limitClause());
      returning(targets.returningClause());
    }
  }

  /**
   * Adds the alias before FROM. MariaDB before 11.6 supports an alias only in this form of DELETE;
   * MySQL supports it in both.
   */
  private void aliasInFrontOfFrom(SqlParser.DeleteFromOneContext one) {
    String alias = tables.get(0).alias();
    if (alias != null) {
      int at = span(one.FROM().getSymbol()).start();
      edits.add(new Edit(new TextSpan(at, at), TableName.quoted(alias) + " "));
    }
  }

  private void insert(SqlParser.InsertContext insert) {
    modifiers(insert.modifier());
    insertInto = name(insert.tableName());
    insertName = span(insert.tableName());
    hasColumnList = insert.insertColumns() != null;
    if (hasColumnList) {
      insert.insertColumns().columnName().forEach(column -> assigned.add(column(column)));
    }
    query = span(insert.query());
    source(insert.query());
    if (insert.onDuplicateKey() != null) {
      for (SqlParser.AssignmentContext each : insert.onDuplicateKey().assignment()) {
        onDuplicate.add(assignment(each));
      }
    }
    returning(insert.returningClause());
  }

  /** Reads the query that selects the rows of an INSERT. */
  private void source(SqlParser.QueryContext source) {
    int names = visibleNames.size();
    with(source.withClause());
    SqlParser.QueryBodyContext body = source.queryBody();
    SqlParser.QueryTermContext term = body.queryTerm(0);
    boolean bounded = source.orderClause() != null || source.limitClause() != null;
    if (body.queryTerm().size() > 1) {
      undivided.add(Reason.of("union"));
    } else if (term instanceof SqlParser.NestedTermContext nested && !bounded) {
      source(nested.query());
      source.lockingClause().forEach(this::visit);
      dropNames(names);
      return;
    } else if (term instanceof SqlParser.SelectTermContext select) {
      source.lockingClause().forEach(this::visit);
      select(select.select(), source);
      dropNames(names);
      return;
    } else if (term instanceof SqlParser.TableTermContext table) {
      source.lockingClause().forEach(this::visit);
      TableName name = name(table.tableName());
      addTable(name, null, false, false, span(table.tableName()), "");
      from = span(table.tableName());
      edits.add(new Edit(span(table.TABLE().getSymbol()), "SELECT * FROM"));
      selectsAll = true;
      tail(table, null, source.orderClause(), source.limitClause());
      dropNames(names);
      return;
    } else if (term instanceof SqlParser.ValuesTermContext) {
      reasons.add(Reason.of("insert-values"));
    } else {
      undivided.add(Reason.of("union"));
    }
    boolean before = top;
    top = false;
    visit(body);
    visitIfThere(source.orderClause());
    visitIfThere(source.limitClause());
    source.lockingClause().forEach(this::visit);
    top = before;
    rangeAt = offsets[source.getStop().getStopIndex() + 1];
    dropNames(names);
  }

  private void select(SqlParser.SelectContext select, SqlParser.QueryContext query) {
    for (SqlParser.SelectOptionContext option : select.selectOption()) {
      if (option.DISTINCT() != null || option.DISTINCTROW() != null) {
        undivided.add(Reason.of("distinct"));
      }
    }
    ParserRuleContext last = select.selectItem(select.selectItem().size() - 1);
    if (select.tables() == null) {
      undivided.add(Reason.of("no-source-table"));
    } else {
      sources(select.tables());
      last = select.tables();
      if (tables.isEmpty()) {
        undivided.add(Reason.of("no-source-table"));
      }
    }
    for (SqlParser.SelectItemContext item : select.selectItem()) {
      selectItem(item);
    }
    undivided(select.groupClause(), "group-by");
    undivided(select.havingClause(), "having");
    undivided(select.windowClause(), "window-function");
    undivided(select.qualifyClause(), "window-function");
    tail(last, select.whereClause(), query.orderClause(), query.limitClause());
  }

  private void selectItem(SqlParser.SelectItemContext item) {
    if (item instanceof SqlParser.OneColumnContext one) {
      Optional<ColumnName> column = onlyColumn(one.expression());
      int place = selected.size();
      ColumnName target =
          hasColumnList && !selectsAll && place < assigned.size() ? assigned.get(place) : null;
      selected.add(column.map(ColumnName::name).orElse(""));
      name(one).ifPresent(name -> namedValues.put(name.toLowerCase(Locale.ROOT), column));
      assignedValue(one.expression(), target);
    } else {
      selectsAll = true;
    }
  }

  private static Optional<String> name(SqlParser.OneColumnContext value) {
    if (value.STRING() != null) {
      String text = value.STRING().getText();
      return Optional.of(text.substring(1, text.length() - 1));
    }
    return Optional.ofNullable(value.identifier()).map(StatementAnalyzer::unquoted);
  }

  /** Returns the column that orders the rows; the name of a selected value has precedence. */
  private @Nullable ColumnName ordering(ExpressionContext expression) {
    Optional<ColumnName> column = onlyColumn(expression);
    return column
        .filter(it -> it.qualifier() == null)
        .map(it -> namedValues.getOrDefault(it.name().toLowerCase(Locale.ROOT), column))
        .orElse(column)
        .orElse(null);
  }

  private void undivided(@Nullable ParserRuleContext clause, String code) {
    if (clause != null) {
      undivided.add(Reason.of(code));
      visit(clause);
    }
  }

  /** Reads the clauses after the tables or the assignments. */
  private void tail(
      ParserRuleContext last,
      SqlParser.@Nullable WhereClauseContext condition,
      SqlParser.@Nullable OrderClauseContext orderBy,
      SqlParser.@Nullable LimitClauseContext limitTo) {
    rangeAt = offsets[last.getStop().getStopIndex() + 1];
    if (condition != null) {
      where = span(condition.expression());
      rangeAt = where.end();
      inCondition = true;
      visit(condition);
      inCondition = false;
    }
    if (orderBy != null) {
      for (SqlParser.OrderItemContext item : orderBy.orderItem()) {
        order.add(new OrderPart(ordering(item.expression()), item.DESC() != null));
      }
      visit(orderBy);
    }
    if (limitTo != null) {
      limit(limitTo);
    }
    ParserRuleContext first = orderBy == null ? limitTo : orderBy;
    ParserRuleContext end = limitTo == null ? orderBy : limitTo;
    if (first != null && end != null) {
      orderAndLimit = new TextSpan(span(first).start(), span(end).end());
    }
  }

  private void limit(SqlParser.LimitClauseContext clause) {
    List<ExpressionContext> numbers = clause.expression();
    boolean plain = numbers.size() == 1 && clause.LIMIT() != null && clause.EXAMINED() == null;
    SqlParser.PrimaryContext only = plain ? only(numbers.get(0)) : null;
    if (only instanceof SqlParser.LiteralValueContext value && value.literal().NUMBER() != null) {
      try {
        limit = Optional.of(new Limit(Long.valueOf(value.getText()), null));
        return;
      } catch (NumberFormatException e) {
        // The server rejects it.
        plain = false;
      }
    }
    if (only instanceof SqlParser.ParameterValueContext parameter) {
      limit = Optional.of(new Limit(null, parameter.getText().substring(1)));
    } else {
      undivided.add(Reason.of("limit-offset"));
    }
    visit(clause);
  }

  private void returning(SqlParser.@Nullable ReturningClauseContext clause) {
    if (clause != null) {
      reasons.add(Reason.of("returning"));
    }
  }

  private void modifiers(List<SqlParser.ModifierContext> modifiers) {
    for (SqlParser.ModifierContext modifier : modifiers) {
      ignore |= modifier.IGNORE() != null;
      if (modifier.DELAYED() != null) {
        reasons.add(Reason.of("modifier", "modifier", "DELAYED"));
      }
    }
  }

  private ColumnName assignment(SqlParser.AssignmentContext assignment) {
    ColumnName column = column(assignment.columnName());
    assignedValue(assignment.expression(), column);
    if (only(assignment.expression()) instanceof SqlParser.DefaultValueContext value
        && value.DEFAULT() != null) {
      defaulted.add(column.name().toLowerCase(Locale.ROOT));
    }
    return column;
  }

  private void assignedValue(ExpressionContext value, @Nullable ColumnName column) {
    if (only(value) instanceof SqlParser.ParameterValueContext parameter) {
      parameter(parameter, Place.VALUE, column);
    } else {
      visit(value);
    }
  }

  // Tables

  private void sources(SqlParser.TablesContext list) {
    from = span(list);
    list.joined().forEach(joined -> joined(joined, false));
  }

  private void joined(SqlParser.JoinedContext joined, boolean nullable) {
    int before = tables.size();
    table(joined.tableFactor(), nullable);
    for (SqlParser.JoinPartContext part : joined.joinPart()) {
      SqlParser.JoinKindContext kind = part.joinKind();
      if (kind.FULL() != null) {
        reasons.add(Reason.of("full-join"));
      }
      if (kind.RIGHT() != null) {
        for (int i = before; i < tables.size(); i++) {
          TableUse use = tables.get(i);
          tables.set(
              i,
              new TableUse(
                  use.name(), use.alias(), true, use.history(), use.nameSpan(), use.partitions()));
        }
      }
      joined(part.joined(), nullable || kind.LEFT() != null);
      visitIfThere(part.expression());
    }
  }

  private void table(SqlParser.TableFactorContext factor, boolean nullable) {
    if (factor instanceof SqlParser.BaseTableContext base) {
      TableName name = name(base.tableName());
      if (isVisibleName(name) || isDual(base.tableName())) {
        hasOtherSources = true;
        return;
      }
      if (base.portion() != null) {
        reasons.add(Reason.of("for-portion-of"));
      }
      List<SqlParser.PartitionClauseContext> partitions = base.partitionClause();
      addTable(
          name,
          alias(base.tableAlias()),
          nullable,
          base.systemTime() != null,
          span(base.tableName()),
          partitions.isEmpty() ? "" : span(partitions.get(0)).of(sql));
      visitIfThere(base.systemTime());
    } else if (factor instanceof SqlParser.NestedTablesContext nested) {
      nested.tables().joined().forEach(each -> joined(each, nullable));
    } else if (factor instanceof SqlParser.OuterJoinEscapeContext escape) {
      joined(escape.joined(), nullable);
    } else {
      hasOtherSources = true;
      visit(factor);
    }
  }

  private void addTable(
      TableName name,
      @Nullable String alias,
      boolean nullable,
      boolean history,
      TextSpan span,
      String partitions) {
    tables.add(new TableUse(name, alias, nullable, history, span, partitions));
  }

  private static @Nullable String alias(SqlParser.@Nullable TableAliasContext alias) {
    if (alias == null) {
      return null;
    }
    return unquoted(alias.identifier() != null ? alias.identifier() : alias.identifierButFull());
  }

  /** Reads a table of a subquery. */
  @Override
  public @Nullable Void visitBaseTable(SqlParser.BaseTableContext base) {
    read(base.tableName());
    if (base.portion() != null) {
      reasons.add(Reason.of("for-portion-of"));
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
    TableName name = name(written);
    if (!isVisibleName(name) && !isDual(written)) {
      subqueryTables.add(name);
    }
  }

  /** Returns whether a name is DUAL, the servers' table of one row and no columns. */
  private static boolean isDual(SqlParser.TableNameContext written) {
    return written.getText().equalsIgnoreCase("DUAL");
  }

  @Override
  public @Nullable Void visitJoinKind(SqlParser.JoinKindContext kind) {
    if (kind.FULL() != null) {
      reasons.add(Reason.of("full-join"));
    }
    return null;
  }

  // Queries

  @Override
  public @Nullable Void visitQuery(SqlParser.QueryContext query) {
    boolean before = top;
    top = false;
    int names = visibleNames.size();
    with(query.withClause());
    visit(query.queryBody());
    visitIfThere(query.orderClause());
    visitIfThere(query.limitClause());
    query.lockingClause().forEach(this::visit);
    dropNames(names);
    top = before;
    return null;
  }

  private void with(SqlParser.@Nullable WithClauseContext clause) {
    if (clause == null) {
      return;
    }
    boolean recursive = clause.RECURSIVE() != null;
    for (SqlParser.CommonTableContext each : clause.commonTable()) {
      String name = unquoted(each.identifier(0));
      withNames.add(name);
      boolean before = top;
      top = false;
      int names = visibleNames.size();
      if (recursive) {
        addName(name);
      }
      visit(each.subquery());
      dropNames(names);
      addName(name);
      top = before;
    }
  }

  private void addName(String name) {
    Set<String> names = new LinkedHashSet<>(visibleNames.element());
    names.add(name);
    visibleNames.push(names);
  }

  private void dropNames(int size) {
    while (visibleNames.size() > size) {
      visibleNames.pop();
    }
  }

  /** Returns whether a name is defined by a WITH clause. Servers treat its case differently. */
  private boolean isVisibleName(TableName name) {
    if (name.schema() != null) {
      return false;
    }
    Set<String> visible = visibleNames.element();
    if (!visible.contains(name.name())
        && visible.stream().anyMatch(name.name()::equalsIgnoreCase)) {
      reasons.add(Reason.of("with-name-case", "name", name.name()));
    }
    return visible.contains(name.name());
  }

  @Override
  public @Nullable Void visitLockingClause(SqlParser.LockingClauseContext clause) {
    reasons.add(Reason.of("locking-read"));
    return null;
  }

  // Expressions

  @Override
  public @Nullable Void visitExpression(ExpressionContext expression) {
    List<ParseTree> parts = expression.children;
    int first = 0;
    for (int i = 0; i <= parts.size(); i++) {
      boolean ends = i == parts.size() || isLogical(parts, first, i);
      if (ends) {
        comparison(parts.subList(first, i));
        first = i + 1;
      }
    }
    return null;
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

  /** Reads the terms of one condition. */
  private void comparison(List<ParseTree> parts) {
    ColumnName column = compared(parts);
    for (int i = 0; i < parts.size(); i++) {
      if (!(parts.get(i) instanceof SqlParser.TermContext term)) {
        continue;
      }
      SqlParser.OperatorContext before = i == 0 ? null : operator(parts, i - 1);
      boolean behindIn = before != null && before.IN() != null;
      if (behindIn && term.prefix().isEmpty()) {
        if (term.primary() instanceof SqlParser.ParameterValueContext parameter) {
          parameter(parameter, Place.BEHIND_IN, column);
          continue;
        }
        if (term.primary() instanceof SqlParser.ParenthesesContext list && list.ROW() == null) {
          list.expression().forEach(element -> element(element, column));
          continue;
        }
      }
      if (term.prefix().isEmpty()
          && term.primary() instanceof SqlParser.ParameterValueContext parameter) {
        parameter(parameter, Place.VALUE, column);
      } else {
        visit(term);
      }
    }
  }

  private void element(ExpressionContext element, @Nullable ColumnName column) {
    if (only(element) instanceof SqlParser.ParameterValueContext parameter) {
      parameter(parameter, Place.IN_LIST, column);
    } else {
      visit(element);
    }
  }

  /** Returns the column that all other terms of a condition are directly compared with, or null. */
  private @Nullable ColumnName compared(List<ParseTree> parts) {
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
        return column(column.columnName());
      }
    }
    return null;
  }

  private void parameter(
      SqlParser.ParameterValueContext parameter, Place place, @Nullable ColumnName column) {
    String name = parameter.getText().substring(1);
    parameters.add(new ParameterUse(name, span(parameter), place, column, isCount(parameter)));
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
    parameter(parameter, Place.VALUE, null);
    return null;
  }

  @Override
  public @Nullable Void visitLiteral(SqlParser.LiteralContext literal) {
    holdsBytes |= literal.HEX() != null || literal.BITS() != null || literal.INTRODUCER() != null;
    return null;
  }

  @Override
  public @Nullable Void visitArguments(SqlParser.ArgumentsContext arguments) {
    if (arguments.PARAMETER() != null) {
      Token token = arguments.PARAMETER().getSymbol();
      parameters.add(
          new ParameterUse(token.getText().substring(1), span(token), Place.VALUE, null, true));
    }
    return super.visitArguments(arguments);
  }

  @Override
  public @Nullable Void visitColumnValue(SqlParser.ColumnValueContext value) {
    ColumnName column = column(value.columnName());
    if (inCondition) {
      conditionColumns.add(column.name().toLowerCase(Locale.ROOT));
      if (isBareWord(value.columnName())
          && FUNCTION_WORDS.contains(column.name().toUpperCase(Locale.ROOT))) {
        conditionOfRowAlone = false;
      }
    }
    return null;
  }

  private static boolean isBareWord(SqlParser.ColumnNameContext column) {
    return column.getChildCount() == 1 && !column.getText().startsWith("`");
  }

  @Override
  public @Nullable Void visitSubquery(SqlParser.SubqueryContext subquery) {
    conditionOfRowAlone &= !inCondition;
    return super.visitSubquery(subquery);
  }

  @Override
  public @Nullable Void visitMatchValue(SqlParser.MatchValueContext match) {
    conditionOfRowAlone &= !inCondition;
    return super.visitMatchValue(match);
  }

  @Override
  public @Nullable Void visitConvertValue(SqlParser.ConvertValueContext convert) {
    conditionOfRowAlone &= !inCondition;
    return super.visitConvertValue(convert);
  }

  @Override
  public @Nullable Void visitSequenceValue(SqlParser.SequenceValueContext sequence) {
    String word = sequence.NEXT() != null ? "NEXT VALUE FOR" : "PREVIOUS VALUE FOR";
    reasons.add(Reason.of("forbidden-function", "function", word));
    return null;
  }

  @Override
  public @Nullable Void visitFunctionValue(SqlParser.FunctionValueContext call) {
    conditionOfRowAlone &= !inCondition;
    function(call);
    return super.visitFunctionValue(call);
  }

  private void function(SqlParser.FunctionValueContext call) {
    List<String> parts = parts(call.functionName());
    String name = parts.get(parts.size() - 1);
    String written = String.join(".", parts);
    boolean qualified = parts.size() > 1;
    if (KnownFunctions.isForbidden(name) || (qualified && TableName.isSystemSchema(parts.get(0)))) {
      reasons.add(Reason.of("forbidden-function", "function", written));
    } else if (qualified || !KnownFunctions.isKnown(name)) {
      functions.add(written);
    } else {
      calls.add(written);
    }
    if (top && insertInto != null && !qualified) {
      boolean windowed = call.functionTail().stream().anyMatch(tail -> tail.OVER() != null);
      if (windowed) {
        undivided.add(Reason.of("window-function"));
      } else if (KnownFunctions.isAggregate(name)) {
        undivided.add(Reason.of("aggregate", "function", name));
      }
    }
  }

  // Helpers

  /** Returns the primary of an expression that consists only of it; null otherwise. */
  private static SqlParser.@Nullable PrimaryContext only(ExpressionContext expression) {
    if (expression.children.size() != 1 || !expression.term(0).prefix().isEmpty()) {
      return null;
    }
    return expression.term(0).primary();
  }

  private static Optional<ColumnName> onlyColumn(ExpressionContext expression) {
    return only(expression) instanceof SqlParser.ColumnValueContext column
        ? Optional.of(column(column.columnName()))
        : Optional.empty();
  }

  private void visitIfThere(@Nullable ParseTree tree) {
    if (tree != null) {
      visit(tree);
    }
  }

  private static ColumnName column(SqlParser.ColumnNameContext context) {
    List<String> parts = parts(context);
    String name = parts.get(parts.size() - 1);
    return switch (parts.size()) {
      case 1 -> new ColumnName(null, name);
      case 2 -> new ColumnName(new TableName(null, parts.get(0)), name);
      default ->
          new ColumnName(
              new TableName(parts.get(parts.size() - 3), parts.get(parts.size() - 2)), name);
    };
  }

  private static TableName name(SqlParser.TableNameContext context) {
    List<String> parts = parts(context);
    return parts.size() == 1
        ? new TableName(null, parts.get(0))
        : new TableName(parts.get(0), parts.get(1));
  }

  /** Returns the names of a qualified name, without quotes and dots. */
  private static List<String> parts(ParserRuleContext qualified) {
    List<String> parts = new ArrayList<>();
    for (ParseTree child : qualified.children) {
      if (child instanceof TerminalNode node) {
        if (node.getSymbol().getType() == SqlParser.DOT_NAME) {
          parts.add(node.getText().substring(1));
        }
      } else {
        parts.add(unquoted(child));
      }
    }
    return parts;
  }

  private static String unquoted(ParseTree identifier) {
    String text = identifier.getText();
    return text.startsWith("`") ? text.substring(1, text.length() - 1).replace("``", "`") : text;
  }

  private Reason notUnderstood(ParserRuleContext context) {
    TextSpan span = span(context);
    return new Reason(
        "not-understood", Map.of("position", Integer.toString(span.start()), "near", span.of(sql)));
  }

  private TextSpan span(ParserRuleContext context) {
    return new TextSpan(
        offsets[context.getStart().getStartIndex()], offsets[context.getStop().getStopIndex() + 1]);
  }

  private TextSpan span(Token token) {
    return new TextSpan(offsets[token.getStartIndex()], offsets[token.getStopIndex() + 1]);
  }
}
