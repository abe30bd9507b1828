package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.grammar.SqlParser.ExpressionContext;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Limit;
import dev.rowmill.sql.parse.ParsedStatement.OrderPart;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the clauses after the tables or the assignments of a statement: WHERE, ORDER BY and LIMIT.
 * For one statement and one thread.
 */
final class TailClauses {

  private final SourceText text;
  private final Findings findings;
  private final ExpressionScan scan;

  /** Maps the name of each selected value, in lower case, to the column behind it, if any. */
  private final Map<String, Optional<ColumnName>> namedValues = new HashMap<>();

  private final List<OrderPart> order = new ArrayList<>();
  private Optional<Limit> limit = Optional.empty();
  private @Nullable TextSpan where;
  private @Nullable TextSpan orderAndLimit;
  private int rangeAt;

  TailClauses(SourceText text, Findings findings, ExpressionScan scan) {
    this.text = text;
    this.findings = findings;
    this.scan = scan;
  }

  List<OrderPart> order() {
    return order;
  }

  Optional<Limit> limit() {
    return limit;
  }

  @Nullable TextSpan where() {
    return where;
  }

  @Nullable TextSpan orderAndLimit() {
    return orderAndLimit;
  }

  /** Returns the offset where a condition can be added. */
  int rangeAt() {
    return rangeAt;
  }

  /** Sets the name of a selected value, which ORDER BY may use. */
  void named(String value, Optional<ColumnName> column) {
    namedValues.put(value.toLowerCase(Locale.ROOT), column);
  }

  /** Sets the part of the statement after which the clauses would follow. */
  void follow(ParserRuleContext last) {
    rangeAt = text.span(last).end();
  }

  /**
   * Reads the clauses.
   *
   * @param last part of the statement before them
   */
  void read(
      ParserRuleContext last,
      SqlParser.@Nullable WhereClauseContext condition,
      SqlParser.@Nullable OrderClauseContext orderBy,
      SqlParser.@Nullable LimitClauseContext limitTo) {
    follow(last);
    if (condition != null) {
      where = text.span(condition.expression());
      rangeAt = where.end();
      scan.condition(condition);
    }
    if (orderBy != null) {
      for (SqlParser.OrderItemContext item : orderBy.orderItem()) {
        order.add(new OrderPart(ordering(item.expression()), item.DESC() != null));
      }
      scan.visit(orderBy);
    }
    if (limitTo != null) {
      limit(limitTo);
    }
    ParserRuleContext first = orderBy == null ? limitTo : orderBy;
    ParserRuleContext end = limitTo == null ? orderBy : limitTo;
    if (first != null && end != null) {
      orderAndLimit = new TextSpan(text.span(first).start(), text.span(end).end());
    }
  }

  /** Returns the column that orders the rows; the name of a selected value has precedence. */
  private @Nullable ColumnName ordering(ExpressionContext expression) {
    Optional<ColumnName> column = TreeNames.onlyColumn(expression);
    return column
        .filter(it -> it.qualifier() == null)
        .map(it -> namedValues.getOrDefault(it.name().toLowerCase(Locale.ROOT), column))
        .orElse(column)
        .orElse(null);
  }

  private void limit(SqlParser.LimitClauseContext clause) {
    List<ExpressionContext> numbers = clause.expression();
    boolean plain = numbers.size() == 1 && clause.LIMIT() != null && clause.EXAMINED() == null;
    SqlParser.PrimaryContext only = plain ? TreeNames.only(numbers.get(0)) : null;
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
      findings.undivided(Reason.of("limit-offset"));
    }
    scan.visit(clause);
  }
}
