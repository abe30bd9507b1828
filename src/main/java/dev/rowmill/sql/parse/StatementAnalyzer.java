package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import dev.rowmill.sql.parse.ParsedStatement.Edit;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.antlr.v4.runtime.ParserRuleContext;
import org.jspecify.annotations.Nullable;

/**
 * Collects the facts about a statement from its parse tree, in one pass. For one statement and one
 * thread.
 */
final class StatementAnalyzer {

  /** Is the code of the reason why a query does not select columns of one table. */
  static final String SELECT_FORM = "select-form";

  private final SourceText text;
  private final List<Edit> edits;
  private final Findings findings;
  private final ExpressionScan scan;
  private final SourceTables tables;
  private final TailClauses tail;
  private final WithNames names;
  private final InsertSource source;

  private final List<TableName> deleted = new ArrayList<>();
  private final List<ColumnName> assigned = new ArrayList<>();
  private final List<ColumnName> onDuplicate = new ArrayList<>();
  private final Set<String> defaulted = new LinkedHashSet<>();
  private boolean deletesFromOne;
  private boolean ignore;
  private @Nullable TextSpan assignments;

  /**
   * @param inserts whether the statement adds the rows of a query
   */
  private StatementAnalyzer(SourceText text, List<Edit> edits, Findings findings, boolean inserts) {
    this.text = text;
    this.edits = edits;
    this.findings = findings;
    names = new WithNames(findings);
    scan = new ExpressionScan(text, findings, names, inserts);
    tables = new SourceTables(text, findings, names, scan);
    tail = new TailClauses(text, findings, scan);
    source = new InsertSource(text, edits, findings, scan, tables, tail);
  }

  /**
   * Analyzes a statement.
   *
   * @param edits replacements of parts of the text, to which others are added
   * @param findings receives reasons why the statement can't run, or not chunk by chunk
   * @param rows kind of a query for rows that are walked; null for anything else
   */
  static ParsedStatement analyze(
      SourceText text,
      SqlParser.StatementContext statement,
      List<Edit> edits,
      Findings findings,
      @Nullable Kind rows) {
    return new StatementAnalyzer(text, edits, findings, rows != null || statement.insert() != null)
        .run(statement, rows);
  }

  private ParsedStatement run(SqlParser.StatementContext statement, @Nullable Kind rows) {
    Kind kind = kind(statement, rows);
    SqlParser.InsertContext insert = statement.insert();
    return new ParsedStatement(
        text.sql(),
        kind,
        text.span(statement.getStart()).start(),
        insert == null ? null : TreeNames.table(insert.tableName()),
        insert == null ? null : text.span(insert.tableName()),
        List.copyOf(tables.tables()),
        tables.hasOtherSources(),
        tables.from(),
        List.copyOf(deleted),
        deletesFromOne,
        List.copyOf(assigned),
        insert != null && insert.insertColumns() != null,
        List.copyOf(onDuplicate),
        Set.copyOf(defaulted),
        insert == null ? null : text.span(insert.query()),
        List.copyOf(source.selected()),
        source.selectsAll(),
        tail.where(),
        tail.rangeAt(),
        List.copyOf(tail.order()),
        tail.limit(),
        tail.orderAndLimit(),
        ignore,
        List.copyOf(findings.undivided()),
        scan.subqueryTables(),
        Set.copyOf(names.defined()),
        scan.functions(),
        scan.calls(),
        scan.parameters(),
        edits.stream().sorted(Comparator.comparingInt(edit -> edit.span().start())).toList(),
        scan.holdsBytes(),
        scan.conditionOfRowAlone(),
        scan.conditionColumns(),
        assignments,
        scan.assignmentsOfRowAlone(),
        scan.assignmentColumns(),
        scan.currentTimes());
  }

  private Kind kind(SqlParser.StatementContext statement, @Nullable Kind rows) {
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
    if (rows != null) {
      rows(statement.query());
      return rows;
    }
    scan.visit(statement.query());
    return Kind.SELECT;
  }

  /** Reads a query for rows that are walked, which may select columns of one table only. */
  private void rows(SqlParser.QueryContext query) {
    source.read(query, List.of());
    boolean columns =
        source.selectsAll() ? source.selected().isEmpty() : !source.selected().contains("");
    if (!columns
        || source.renames()
        || query.withClause() != null
        || tables.tables().size() != 1
        || tables.hasOtherSources()
        || tail.orderAndLimit() != null) {
      findings.reject(Reason.of(SELECT_FORM));
    }
  }

  private void update(SqlParser.UpdateContext update) {
    modifiers(update.modifier());
    scan.with(update.withClause());
    tables.list(update.tables());
    for (SqlParser.AssignmentContext assignment : update.assignment()) {
      assigned.add(assignment(assignment));
    }
    ParserRuleContext last = update.assignment(update.assignment().size() - 1);
    assignments = new TextSpan(text.span(update.assignment(0)).start(), text.span(last).end());
    tail.read(last, update.whereClause(), update.orderClause(), update.limitClause());
    returning(update.returningClause());
  }

  private void delete(SqlParser.DeleteContext delete) {
    if (delete instanceof SqlParser.DeleteFromOneContext one) {
      modifiers(one.modifier());
      scan.with(one.withClause());
      tables.only(one.tableFactor());
      if (!tables.tables().isEmpty() && !tables.hasOtherSources()) {
        TableUse use = tables.tables().get(0);
        deleted.add(new TableName(null, use.qualifier()));
        deletesFromOne = use.alias() == null && one.withClause() == null;
        aliasInFrontOfFrom(one, use.alias());
      } else {
        findings.reject(text.notUnderstood(one.tableFactor()));
      }
      tail.read(one.tableFactor(), one.whereClause(), one.orderClause(), one.limitClause());
      returning(one.returningClause());
    } else if (delete instanceof SqlParser.DeleteUsingContext using) {
      modifiers(using.modifier());
      scan.with(using.withClause());
      using.deleteTarget().forEach(target -> deleted.add(TreeNames.table(target.tableName())));
      tables.list(using.tables());
      tail.read(using.tables(), using.whereClause(), using.orderClause(), using.limitClause());
      returning(using.returningClause());
    } else if (delete instanceof SqlParser.DeleteTargetsContext targets) {
      modifiers(targets.modifier());
      scan.with(targets.withClause());
      targets.deleteTarget().forEach(target -> deleted.add(TreeNames.table(target.tableName())));
      if (targets.deleteTarget(0).getText().equalsIgnoreCase("HISTORY")) {
        // MariaDB reads it as the keyword that deletes old versions.
        findings.reject(Reason.of("delete-history"));
      }
      tables.list(targets.tables());
      tail.read(
          targets.tables(), targets.whereClause(), targets.orderClause(), targets.limitClause());
      returning(targets.returningClause());
    }
  }

  /**
   * Adds the alias before FROM. MariaDB before 11.6 supports an alias only in this form of DELETE;
   * MySQL supports it in both.
   */
  private void aliasInFrontOfFrom(SqlParser.DeleteFromOneContext one, @Nullable String alias) {
    if (alias != null) {
      int at = text.span(one.FROM().getSymbol()).start();
      edits.add(new Edit(new TextSpan(at, at), TableName.quoted(alias) + " "));
    }
  }

  private void insert(SqlParser.InsertContext insert) {
    modifiers(insert.modifier());
    if (insert.insertColumns() != null) {
      insert.insertColumns().columnName().forEach(column -> assigned.add(TreeNames.column(column)));
    }
    source.read(insert.query(), assigned);
    if (insert.onDuplicateKey() != null) {
      for (SqlParser.AssignmentContext each : insert.onDuplicateKey().assignment()) {
        onDuplicate.add(assignment(each));
      }
    }
    returning(insert.returningClause());
  }

  private void returning(SqlParser.@Nullable ReturningClauseContext clause) {
    if (clause != null) {
      findings.reject(Reason.of("returning"));
    }
  }

  private void modifiers(List<SqlParser.ModifierContext> modifiers) {
    for (SqlParser.ModifierContext modifier : modifiers) {
      ignore |= modifier.IGNORE() != null;
      if (modifier.DELAYED() != null) {
        findings.reject(Reason.of("modifier", "modifier", "DELAYED"));
      }
    }
  }

  private ColumnName assignment(SqlParser.AssignmentContext assignment) {
    ColumnName column = TreeNames.column(assignment.columnName());
    scan.assignedValue(assignment.expression(), column);
    if (TreeNames.only(assignment.expression()) instanceof SqlParser.DefaultValueContext value
        && value.DEFAULT() != null) {
      defaulted.add(column.name().toLowerCase(Locale.ROOT));
    }
    return column;
  }
}
