package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.parse.ParsedStatement.TableUse;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the table list of a statement itself. For one statement and one thread. */
final class SourceTables {

  private final SourceText text;
  private final Findings findings;
  private final WithNames names;
  private final ExpressionScan scan;

  private final List<TableUse> tables = new ArrayList<>();
  private boolean hasOtherSources;
  private @Nullable TextSpan from;

  SourceTables(SourceText text, Findings findings, WithNames names, ExpressionScan scan) {
    this.text = text;
    this.findings = findings;
    this.names = names;
    this.scan = scan;
  }

  List<TableUse> tables() {
    return tables;
  }

  /** Returns whether the list also contains derived tables or names of WITH. */
  boolean hasOtherSources() {
    return hasOtherSources;
  }

  /** Returns the text of the list; null without one. */
  @Nullable TextSpan from() {
    return from;
  }

  void list(SqlParser.TablesContext list) {
    from = text.span(list);
    list.joined().forEach(joined -> joined(joined, false));
  }

  /** Reads the only table of a DELETE. */
  void only(SqlParser.TableFactorContext factor) {
    from = text.span(factor);
    table(factor, false);
  }

  /** Reads the table of {@code TABLE t}, which is a query. */
  void whole(SqlParser.TableNameContext name) {
    from = text.span(name);
    tables.add(new TableUse(TreeNames.table(name), null, false, false, text.span(name), ""));
  }

  private void joined(SqlParser.JoinedContext joined, boolean nullable) {
    int before = tables.size();
    table(joined.tableFactor(), nullable);
    for (SqlParser.JoinPartContext part : joined.joinPart()) {
      SqlParser.JoinKindContext kind = part.joinKind();
      if (kind.FULL() != null) {
        findings.reject(Reason.of("full-join"));
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
      scan.visitIfThere(part.expression());
    }
  }

  private void table(SqlParser.TableFactorContext factor, boolean nullable) {
    if (factor instanceof SqlParser.BaseTableContext base) {
      TableName name = TreeNames.table(base.tableName());
      if (names.isVisible(name) || ExpressionScan.isDual(base.tableName())) {
        hasOtherSources = true;
        return;
      }
      if (base.portion() != null) {
        findings.reject(Reason.of("for-portion-of"));
      }
      List<SqlParser.PartitionClauseContext> partitions = base.partitionClause();
      tables.add(
          new TableUse(
              name,
              alias(base.tableAlias()),
              nullable,
              base.systemTime() != null,
              text.span(base.tableName()),
              partitions.isEmpty() ? "" : text.of(partitions.get(0))));
      scan.visitIfThere(base.systemTime());
    } else if (factor instanceof SqlParser.NestedTablesContext nested) {
      nested.tables().joined().forEach(each -> joined(each, nullable));
    } else if (factor instanceof SqlParser.OuterJoinEscapeContext escape) {
      joined(escape.joined(), nullable);
    } else {
      hasOtherSources = true;
      scan.visit(factor);
    }
  }

  private static @Nullable String alias(SqlParser.@Nullable TableAliasContext alias) {
    if (alias == null) {
      return null;
    }
    return TreeNames.unquoted(
        alias.identifier() != null ? alias.identifier() : alias.identifierButFull());
  }
}
