package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Edit;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.jspecify.annotations.Nullable;

/** Reads the query that selects the rows of an INSERT. For one statement and one thread. */
final class InsertSource {

  private final SourceText text;
  private final List<Edit> edits;
  private final Findings findings;
  private final ExpressionScan scan;
  private final SourceTables tables;
  private final TailClauses tail;

  private final List<String> selected = new ArrayList<>();
  private boolean selectsAll;
  private boolean renames;

  InsertSource(
      SourceText text,
      List<Edit> edits,
      Findings findings,
      ExpressionScan scan,
      SourceTables tables,
      TailClauses tail) {
    this.text = text;
    this.edits = edits;
    this.findings = findings;
    this.scan = scan;
    this.tables = tables;
    this.tail = tail;
  }

  /** Returns the column behind each selected value, or an empty name. */
  List<String> selected() {
    return selected;
  }

  boolean selectsAll() {
    return selectsAll;
  }

  /** Returns whether a selected value has a name of its own. */
  boolean renames() {
    return renames;
  }

  /**
   * Reads the query.
   *
   * @param columns columns that the INSERT lists; empty without a list
   */
  void read(SqlParser.QueryContext query, List<ColumnName> columns) {
    scan.within(query.withClause(), () -> term(query, columns));
  }

  private void term(SqlParser.QueryContext query, List<ColumnName> columns) {
    SqlParser.QueryBodyContext body = query.queryBody();
    SqlParser.QueryTermContext term = body.queryTerm(0);
    boolean bounded = query.orderClause() != null || query.limitClause() != null;
    boolean single = body.queryTerm().size() == 1;
    if (single && term instanceof SqlParser.NestedTermContext nested && !bounded) {
      read(nested.query(), columns);
      query.lockingClause().forEach(scan::visit);
    } else if (single && term instanceof SqlParser.SelectTermContext select) {
      query.lockingClause().forEach(scan::visit);
      select(select.select(), query, columns);
    } else if (single && term instanceof SqlParser.TableTermContext table) {
      query.lockingClause().forEach(scan::visit);
      tables.whole(table.tableName());
      TextSpan keyword = text.span(table.TABLE().getSymbol());
      edits.add(new Edit(keyword, "SELECT * FROM"));
      selectsAll = true;
      tail.read(table, null, query.orderClause(), query.limitClause());
    } else {
      if (single && term instanceof SqlParser.ValuesTermContext) {
        findings.reject(Reason.of("insert-values"));
      } else {
        findings.undivided(Reason.of("union"));
      }
      scan.subquery(query);
      tail.follow(query);
    }
  }

  private void select(
      SqlParser.SelectContext select, SqlParser.QueryContext query, List<ColumnName> columns) {
    for (SqlParser.SelectOptionContext option : select.selectOption()) {
      if (option.DISTINCT() != null || option.DISTINCTROW() != null) {
        findings.undivided(Reason.of("distinct"));
      }
    }
    ParserRuleContext last = select.selectItem(select.selectItem().size() - 1);
    if (select.tables() == null) {
      findings.undivided(Reason.of("no-source-table"));
    } else {
      tables.list(select.tables());
      last = select.tables();
      if (tables.tables().isEmpty()) {
        findings.undivided(Reason.of("no-source-table"));
      }
    }
    for (SqlParser.SelectItemContext item : select.selectItem()) {
      selectItem(item, columns);
    }
    undivided(select.groupClause(), "group-by");
    undivided(select.havingClause(), "having");
    undivided(select.windowClause(), "window-function");
    undivided(select.qualifyClause(), "window-function");
    tail.read(last, select.whereClause(), query.orderClause(), query.limitClause());
  }

  private void selectItem(SqlParser.SelectItemContext item, List<ColumnName> columns) {
    if (item instanceof SqlParser.OneColumnContext one) {
      Optional<ColumnName> column = TreeNames.onlyColumn(one.expression());
      int index = selected.size();
      ColumnName target = !selectsAll && index < columns.size() ? columns.get(index) : null;
      selected.add(column.map(ColumnName::name).orElse(""));
      name(one)
          .ifPresent(
              name -> {
                renames = true;
                tail.named(name, column);
              });
      scan.assignedValue(one.expression(), target);
    } else {
      selectsAll = true;
    }
  }

  private static Optional<String> name(SqlParser.OneColumnContext value) {
    if (value.STRING() != null) {
      String text = value.STRING().getText();
      return Optional.of(text.substring(1, text.length() - 1));
    }
    return Optional.ofNullable(value.identifier()).map(TreeNames::unquoted);
  }

  private void undivided(@Nullable ParserRuleContext clause, String code) {
    if (clause != null) {
      findings.undivided(Reason.of(code));
      scan.visit(clause);
    }
  }
}
